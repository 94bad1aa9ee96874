import type { EntityManager } from 'typeorm';
import { type SecretBox, UnopenableSeal } from '../../secrets/secret-box.js';
import { contentContext } from './family-seals.js';

interface SealedFamily {
  readonly id: string;
  readonly content_sealed: string;
}

const BATCH = 1000;
const NEXT = `SELECT id, content_sealed FROM token_families WHERE id > $1 ORDER BY id LIMIT ${BATCH} FOR UPDATE`;
const WRITE = `UPDATE token_families f SET content_sealed = v.sealed
  FROM unnest($1::text[], $2::text[]) AS v (id, sealed) WHERE f.id = v.id`;

/**
 * Encrypts what is kept of logins with the first key; part of the transaction that retires the key before. What cannot be opened stays as
 * it is: whoever has that login logs in again. Answers of refreshes live for seconds, and are left to run out.
 */
export async function resealFamilies(manager: EntityManager, box: SecretBox): Promise<void> {
  for (let after = ''; ;) {
    const families: SealedFamily[] = await manager.query(NEXT, [after]);
    const last = families.at(-1);
    if (last === undefined) return;
    const resealed = families.flatMap((family) => resealedFamily(family, box));
    await manager.query(WRITE, [resealed.map(({ id }) => id), resealed.map(({ content_sealed: sealed }) => sealed)]);
    after = last.id;
  }
}

function resealedFamily({ id, content_sealed: sealed }: SealedFamily, box: SecretBox): SealedFamily[] {
  const context = contentContext(id);
  try {
    return [{ id, content_sealed: box.seal(box.open(sealed, context), context) }];
  } catch (error) {
    if (!(error instanceof UnopenableSeal)) throw error;
    return [];
  }
}
