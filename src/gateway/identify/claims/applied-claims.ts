import type { Edit } from './text-edits.js';

/** One claim's value in the payload of an event. */
export interface PayloadClaim {
  readonly path: readonly string[];
  /** Shared by all requests with this token: not to be changed. */
  readonly value: unknown;
  /** JSON text of the value. */
  readonly text: string;
}

/** What a token's claims put where, computed once per verified token and kept with it. */
export interface AppliedClaims {
  readonly originId: string | null;
  readonly originType: string | null;
  readonly sessionId: string | null;
  readonly roles: readonly string[];
  /** JSON text of requestMeta.claims. */
  readonly claimsText: string;
  /** Put into the payload, in this order. */
  readonly payload: readonly PayloadClaim[];
  /** The same beside the client's parameters, as text that follows them: `,"user":{"id":"7"}`, or empty. */
  readonly payloadTail: string;
  /** What becomes of the client's parameters; null where they stay. */
  readonly parametersEdit: Edit | null;
  /** Names of claims whose value was not of their class, and which were left out. */
  readonly unconverted: readonly string[];
}
