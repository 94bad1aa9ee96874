import { hash } from 'node:crypto';
import type { ComponentSet } from '../contracts/components.js';
import type { TokenRecord } from '../contracts/records.js';

/** SHA-256 of the signing secrets in `examples/`, which everybody can read. */
const PUBLIC_SECRETS: ReadonlySet<string> = new Set([
  'v3actT01s9SaKsCbrO5KURAWV4zDJTdIContOYwG69o',
  'KZaHBh3tC5SamraLAvilVm_RiG_IYuqbi0RvUzWOdPE',
]);

/** Ids of token records that sign with a secret of the samples: whoever has read it can make tokens that count. */
export function publiclySigned({ records }: Pick<ComponentSet, 'records'>): readonly string[] {
  return [...records.token].filter(([, { record }]) => record !== null && hasPublicSecret(record)).map(([id]) => id);
}

function hasPublicSecret({ signingSecret = [] }: TokenRecord): boolean {
  const secrets = typeof signingSecret === 'string' ? [signingSecret] : signingSecret.map(({ secret }) => secret);
  return secrets.some((secret) => PUBLIC_SECRETS.has(hash('sha256', secret, 'base64url')));
}
