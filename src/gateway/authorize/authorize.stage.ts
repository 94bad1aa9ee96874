import { refusal, type Refusal, type Stage } from '../stage.js';
import { rolesStage } from './roles.js';
import { TOKEN_MISSING } from '../identify/token-refusals.js';

const DISABLED = refusal('PATH_DISABLED');

/** Who may call one method of one path, as far as that is known when the rule is compiled. */
export interface Access {
  readonly isDisabled: boolean;
  readonly isPublic: boolean;
  /** Set where the rule names methods, this one not among them: value of Allow. */
  readonly allow: string | null;
  /** The authentication server is asked each time. */
  readonly isVerified: boolean;
}

/** What finds out who calls, for channels that have a token. */
export interface CallerStages {
  readonly identify: Stage;
  readonly verify: Stage;
  readonly session: Stage;
}

/** What a channel's rules are made of. */
export interface RuleStages {
  /** Null: the channel has no token, and nobody may call what is not public. */
  readonly caller: CallerStages | null;
  /** Null: the channel has no limits. */
  readonly limit: Stage | null;
}

/**
 * Admission to one method of one path, closed by default: what needs no look at the caller comes first.
 */
export function admissionOf(access: Access, { caller, limit }: RuleStages, roles: readonly string[]): readonly Stage[] {
  if (access.isDisabled) return DISABLED_STAGES;
  const verify = access.isVerified && caller !== null ? [caller.verify] : [];
  // Who calls counts on a public path as well: bad credentials are refused, and claims go to the runner.
  const limits = limit === null ? [] : [limit];
  if (access.isPublic && caller !== null) return [caller.identify, ...verify, ...limits, caller.session];
  if (access.isPublic) return access.isVerified ? CLOSED_STAGES : limits;
  if (access.allow !== null) return [refusing('method', refusal('METHOD_NOT_ALLOWED', ['Allow', access.allow]))];
  return caller === null ? CLOSED_STAGES : [caller.identify, rolesStage(roles), ...verify, ...limits, caller.session];
}

const DISABLED_STAGES = [refusing('disabled', DISABLED)];
const CLOSED_STAGES = [refusing('authorize', TOKEN_MISSING)];

function refusing(name: string, verdict: Refusal): Stage {
  const answer = (): Refusal => verdict;
  return { name, run: answer, peek: answer };
}
