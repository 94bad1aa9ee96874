import { callerOf, type Caller } from '../caller.js';
import { claimSource } from '../provider/claim-source.js';
import type { JsonObject } from '../provider/json-members.js';
import type { ProviderAnswer } from '../provider/provider-answer.js';
import type { TokenKind } from '../token-kind.js';

/** Who an API key belongs to, by the provider's answer; null where the answer names nobody: such a key is bad. */
export function keyCaller(kind: TokenKind, answer: ProviderAnswer, expiresAtMs: number): Caller | null {
  if (answer.user === null || saysNothing(answer.user)) return null;
  const { claims } = kind.claims.issue(claimSource(answer));
  const caller = callerOf({ kind, claims, expiresAtMs, isGuest: false, byApiKey: true });
  return namesUser(kind, caller.applied.originId) ? caller : null;
}

/** Where a claim has the user's id, nobody is somebody without one. */
export function namesUser({ claims }: TokenKind, originId: string | null): boolean {
  return originId !== null || claims.names.ORIGIN_ID === null;
}

/** A resolvePattern over nothing gives `{"id": null, "roles": null}`. */
function saysNothing(user: JsonObject): boolean {
  return Object.values(user).every((value) => value === null);
}
