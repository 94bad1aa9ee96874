import { isJsonObject, parsedExactly, type JsonObject } from './json-members.js';

const COMPACT = /^[\w-]+\.([\w-]+)\.[\w-]*$/;

/** The claims of a JWT, its signature unchecked; null where the token is none. Only for tokens that the provider itself vouches for. */
export function accessClaims(token: string): JsonObject | null {
  const body = COMPACT.exec(token)?.[1];
  if (body === undefined) return null;
  try {
    const claims = parsedExactly(Buffer.from(body, 'base64url').toString());
    return isJsonObject(claims) ? claims : null;
  } catch {
    // An opaque token that happens to have two dots.
    return null;
  }
}
