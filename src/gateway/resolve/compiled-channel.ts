import type { Callee, Target, OpensTo } from '../../contracts/executor.js';
import type { Protected } from '../../contracts/protected.js';
import type { AppliedClaims } from '../identify/claims/applied-claims.js';
import type { BreakerRules } from '../limit/breaker/breaker-rules.js';
import type { ChannelLimits } from '../limit/channel-limits.js';
import type { RetryRules } from '../limit/retry-rules.js';
import type { TokenKind } from '../identify/token-kind.js';
import type { Stage, Refusal } from '../stage.js';
import type { PathRules } from './path-rules.js';

/** What one method of one path rule comes to: everything that a request needs, decided when the channel was compiled. */
export interface CompiledRule {
  /** Whom it lets in. */
  readonly opensTo: OpensTo;
  /** Admission in order; a stage that is off is not in it. */
  readonly admission: readonly Stage[];
  /** Headers of every answer: security, the channel's, the path's and the method's, as a flat list. */
  readonly headers: readonly string[];
  /** The names in it, lower case: a runner cannot set these. */
  readonly ownHeaders: ReadonlySet<string>;
  readonly returnsErrorPayload: boolean;
  readonly logsDetailAsInfo: boolean;
  /** Null: no breaker. */
  readonly breaker: BreakerRules | null;
  /** When a call is made once more; null: never. */
  readonly retry: RetryRules | null;
}

/** A path rule by method. `*` of the record stands in `otherwise`. */
export interface CompiledPath {
  readonly byMethod: ReadonlyMap<string, CompiledRule>;
  /** For methods that the record does not name; a rule whose admission refuses with 405 where it names some but not `*`. */
  readonly otherwise: CompiledRule;
  /** Value of Allow for OPTIONS. */
  readonly allow: string;
}

/** One channel, ready to serve. Never changed; a reload makes another beside it. */
export interface CompiledChannel {
  readonly id: string;
  /** `"id"` as JSON text, spliced into every event. */
  readonly idText: string;
  /** Versions of the records that it was made from: what an answer's log line can tell. */
  readonly versions: { readonly channel: string; readonly system: string | null; readonly token: string | null };
  /** Content of what pools, limits and rules were made from: equal keys survive a reload. */
  readonly targetKey: string | null;
  readonly protected: Protected;
  /** Of users, and of guests; null: the channel has none. */
  readonly userKind: TokenKind | null;
  readonly guestKind: TokenKind | null;
  /** What becomes of a call without a token: nothing of the client's stays in the place of a claim. Null without tokens. */
  readonly nobody: AppliedClaims | null;
  /** Null: the channel has none. */
  readonly limits: ChannelLimits | null;
  readonly paths: PathRules<CompiledPath>;
  /** Why every call is refused (a system that is missing, a record that never was good), or null. */
  readonly outOfForce: Refusal | null;
  /** Lower case. */
  readonly allowedRunnerHeaders: ReadonlySet<string>;
  readonly target: Target | null;
  readonly callee: Callee | null;
}
