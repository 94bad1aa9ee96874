import { segmentText, signedDots } from '../tokens/base64url.js';
import { type CheckedToken, type Claims, MAX_TOKEN_LENGTH, refused, type TokenFault } from '../tokens/checked-token.js';
import { judge, namesAny } from '../tokens/claim-rules.js';
import { readHeader } from '../tokens/token-header.js';
import type { TokenRules } from './issuer.js';
import { pairAlgorithm } from './published-key.js';
import type { PublishedKeys } from './published-keys.js';

/** What a token's header may call itself (RFC 7519, 5.1; RFC 9068, 2.1): all else (logout tokens, proofs) is meant for others. */
const TYPES: Readonly<Record<TokenRules['use'], ReadonlySet<string>>> = {
  access: new Set(['jwt', 'at+jwt']),
  id: new Set(['jwt']),
};
/** Keycloak says in a claim what a token is; its id, refresh and logout tokens are no access tokens. */
const KINDS: Readonly<Record<TokenRules['use'], ReadonlySet<unknown>>> = {
  access: new Set(['ID', 'Refresh', 'Offline', 'Logout']),
  id: new Set(['Bearer', 'Refresh', 'Offline', 'Logout']),
};
const ANY: Readonly<Record<string, string>> = {};

/**
 * Checks a token of an issuer by its published keys: the algorithm must be an asymmetric one and the key's own. Null: the keys are not
 * those that the token needs, and the issuer may have newer ones.
 */

export function signedBy(
  keys: PublishedKeys,
  token: string,
  issuer: string,
  { rules, nowMs }: { readonly rules: TokenRules; readonly nowMs: number },
): CheckedToken | null {
  if (token.length > MAX_TOKEN_LENGTH) return refused('too_long');
  const dots = signedDots(token);
  if (dots === null) return refused('malformed');
  const [headerEnd, payloadEnd] = dots as [number, number];
  const header = readHeader(token.slice(0, headerEnd), ANY);
  if ('kind' in header) return header;
  const algorithm = pairAlgorithm(header.algorithm);
  if (algorithm === null) return refused('algorithm');
  if (header.contentType !== null || !isOfType(header.type, rules)) return refused('type');
  const found = keys.find(header.kid, algorithm);
  if (found === 'unknown') return null;
  if (found === 'misfit') return refused('algorithm');
  const text = token.slice(0, payloadEnd);
  const signature = token.slice(payloadEnd + 1);
  // Who names no key may mean one that we have not met.
  if (!found.some((key) => key.verify(text, signature))) return header.kid === null ? null : refused('signature');
  const audiences = rules.takesAzp ? null : rules.audiences;
  const judged = judge(segmentText(token.slice(headerEnd + 1, payloadEnd)), { issuer, audiences }, nowMs);
  const fault = judged.claims === null ? null : misuse(judged.claims, rules);
  return fault === null ? judged : refused(fault);
}

function isOfType(type: unknown, { use }: TokenRules): boolean {
  if (type === null) return true;
  return typeof type === 'string' && TYPES[use].has(type.toLowerCase().replace(/^application\//, ''));
}

/** What is wrong beyond issuer and times; also of a token that has expired. */
function misuse(claims: Claims, rules: TokenRules): Exclude<TokenFault, 'expired'> | null {
  if (KINDS[rules.use].has(claims['typ'])) return 'type';
  if (rules.takesAzp && !namesAny(claims['aud'] ?? claims['azp'], rules.audiences)) return 'audience';
  const { azp } = claims;
  if (rules.authorizedParty !== null && azp !== undefined && azp !== rules.authorizedParty) return 'audience';
  // Bound to a key whose proof we cannot ask for (RFC 9449, 7.1; RFC 8705, 3): as a bearer token it may be stolen.
  return claims['cnf'] === undefined ? null : 'bound';
}
