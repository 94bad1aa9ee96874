import type { SecretKeys } from '../../../contracts/records.js';
import type { CodecFault } from './checked-token.js';
import { keyMaterial, type KeyMaterial, type KeyProblem, type KeyPurpose } from './key-material.js';
import { KeyRing, type NamedKey } from './key-ring.js';

/** A token without kid is tried against all of them: what is refused must stay cheap. */
export const MAX_KEYS = 16;

/**
 * Reads the secret or secrets of a record. Faults are added to `faults`, each with the place of its secret; null if there is one.
 * @param make fits the key to its algorithm
 */
export function keyRing<K extends NamedKey>(
  secrets: SecretKeys,
  purpose: KeyPurpose & { readonly pointer: string },
  make: (material: KeyMaterial, kid: string | null) => K | KeyProblem,
  faults: CodecFault[],
): KeyRing<K> | null {
  const { pointer } = purpose;
  const listed = typeof secrets !== 'string';
  const entries = listed ? secrets : [{ secret: secrets }];
  const before = faults.length;
  if (entries.length === 0) faults.push({ pointer, message: 'the list has no secret' });
  if (entries.length > MAX_KEYS) faults.push({ pointer, message: `there may be ${MAX_KEYS} secrets at most` });
  const keys: K[] = [];
  const kids = new Set<string>();
  for (const [index, { kid = null, secret }] of entries.slice(0, MAX_KEYS).entries()) {
    if (kid !== null && kids.has(kid)) {
      faults.push({ pointer: `${pointer}/${index}/kid`, message: 'another secret of the list has the same kid' });
    }
    if (kid !== null) kids.add(kid);
    const material = keyMaterial(secret, purpose);
    const key = material.kind === 'problem' ? material : make(material, kid);
    if (isProblem(key)) faults.push({ pointer: listed ? `${pointer}/${index}/secret` : pointer, message: key.message });
    else keys.push(key);
  }
  const [first, ...rest] = keys;
  return faults.length > before || first === undefined ? null : new KeyRing([first, ...rest]);
}

function isProblem(key: NamedKey | KeyProblem): key is KeyProblem {
  return 'kind' in key && key.kind === 'problem';
}
