import { refusal, type Refusal, type Stage } from '../stage.js';
import { rolesStage } from './roles.js';

const DISABLED = refusal('PATH_DISABLED');
const VERIFYING_UNAVAILABLE = refusal('VERIFYING_UNAVAILABLE');
const TOKEN_MISSING = refusal('TOKEN_MISSING', ['WWW-Authenticate', 'Bearer']);

/** Who may call one method of one path, as far as that is known when the rule is compiled. */
export interface Access {
  readonly isDisabled: boolean;
  readonly isPublic: boolean;
  /** Set where the rule names methods, this one not among them: value of Allow. */
  readonly allow: string | null;
  /** The authentication server is to be asked each time. Nobody does that yet: closed. */
  readonly isVerified: boolean;
}

/**
 * Admission to one method of one path, closed by default: what needs no look at the caller comes first.
 * @param identify null: the channel has no token, and nobody may call what is not public
 */
export function admissionOf(access: Access, identify: Stage | null, roles: readonly string[]): readonly Stage[] {
  if (access.isDisabled) return DISABLED_STAGES;
  if (access.isVerified) return VERIFYING_STAGES;
  // Who calls counts on a public path as well: bad credentials are refused, and claims go to the runner.
  if (access.isPublic) return identify === null ? [] : [identify];
  if (access.allow !== null) return [refusing('method', refusal('METHOD_NOT_ALLOWED', ['Allow', access.allow]))];
  return identify === null ? CLOSED_STAGES : [identify, rolesStage(roles)];
}

const DISABLED_STAGES = [refusing('disabled', DISABLED)];
const VERIFYING_STAGES = [refusing('verify', VERIFYING_UNAVAILABLE)];
const CLOSED_STAGES = [refusing('authorize', TOKEN_MISSING)];

function refusing(name: string, verdict: Refusal): Stage {
  const answer = (): Refusal => verdict;
  return { name, run: answer, peek: answer };
}
