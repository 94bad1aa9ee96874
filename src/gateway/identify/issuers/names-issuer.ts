import { JsonFault, memberNamed, objectMembers } from '../../json/json-text.js';
import { segmentText } from '../tokens/base64url.js';
import { MAX_TOKEN_LENGTH } from '../tokens/checked-token.js';

/**
 * Whether a token says that it is this issuer's, nothing of it checked: decides by whose keys it is checked, by those alone, so a lie only
 * leads to the wrong keys. Looks at members without building them; a token that is no compact JWS, or too long, is nobody's.
 */
export function namesIssuer(token: string, issuer: string): boolean {
  if (token.length > MAX_TOKEN_LENGTH) return false;
  const from = token.indexOf('.') + 1;
  const to = token.indexOf('.', from);
  if (from === 0 || to === -1 || token.includes('.', to + 1)) return false;
  const text = segmentText(token.slice(from, to));
  return text !== null && issuerIn(text) === issuer;
}

/** Of two equal names either may be looked at: tokens that have them are refused by any key. */
function issuerIn(payload: string): unknown {
  try {
    const found = memberNamed(objectMembers(payload) ?? [], 'iss');
    return found === null ? null : JSON.parse(payload.slice(found.value, found.end));
  } catch (error) {
    if (error instanceof JsonFault) return null;
    throw error;
  }
}
