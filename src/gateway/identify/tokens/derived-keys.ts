import { hkdfSync } from 'node:crypto';
import type { SecretKeys, TokenRecord } from '../../../contracts/records.js';

/**
 * Keys of 32 bytes for what goes along with the tokens of a record and is no token itself, one for each secret of the record: the first
 * makes, all check. Every replica has the same ones. None where the record has no secret.
 * @param purpose keeps the keys of different uses apart (RFC 5869, 3.2)
 */
export function derivedKeys(record: TokenRecord, purpose: string): readonly Buffer[] {
  return secretsOf(record.signingSecret ?? record.encryptionSecret).map((secret) =>
    Buffer.from(hkdfSync('sha256', secret, '', `sluice/${purpose}`, 32)),
  );
}

function secretsOf(secrets: SecretKeys | undefined): readonly string[] {
  if (secrets === undefined) return [];
  return typeof secrets === 'string' ? [secrets] : secrets.map(({ secret }) => secret);
}
