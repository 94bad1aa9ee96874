import type { DataSource } from 'typeorm';
import type { SecretBox } from '../secrets/secret-box.js';
import { WrongSecretsKey } from './wrong-secrets-key.js';

/** One for all replicas that start at once on an empty database: the first one's key counts. */
const KEY_LOCK = 7_583_105;

/**
 * Compares our keys with the fingerprints that stand in the database, and adds ours where it is the first or replaces one that we
 * still have (spec/settings.md, "secrets.key").
 * @throws WrongSecretsKey
 */
export async function checkEncryptionKey(
  source: DataSource,
  {
    box,
    hasGeneratedKey,
    url,
  }: { readonly box: SecretBox; readonly hasGeneratedKey: boolean; readonly url: string | null },
): Promise<void> {
  await source.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [KEY_LOCK]);
    const rows: { fingerprint: string }[] = await manager.query('SELECT fingerprint FROM encryption_keys');
    const known = rows.map(({ fingerprint }) => fingerprint);
    const missing = known.filter((fingerprint) => !box.fingerprints.includes(fingerprint));
    if (missing.length > 0) throw new WrongSecretsKey(problemOf(missing, box, hasGeneratedKey && url !== null));
    if (!known.includes(box.fingerprint)) {
      await manager.query('INSERT INTO encryption_keys (fingerprint) VALUES ($1)', [box.fingerprint]);
    }
  });
}

function problemOf(missing: readonly string[], box: SecretBox, isReplica: boolean): string {
  const what = `The database holds secrets that were sealed with the key ${missing.join(' and ')}, and this gateway has ${box.fingerprints.join(' and ')}.`;
  return isReplica
    ? `${what} The key was generated in this gateway's data.folder, and is not that of the others: set secrets.key to one key for all replicas (the first one's stands in its data.folder, in secrets.key).`
    : `${what} Set secrets.key to the key that sealed them, or set it as secrets.key.previous beside the new one and run \`sluice secrets reencrypt\`.`;
}
