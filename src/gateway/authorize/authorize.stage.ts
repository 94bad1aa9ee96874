import { refusal, type Refusal, type Stage } from '../stage.js';

const DISABLED = refusal('PATH_DISABLED');
const TOKEN_MISSING = refusal('TOKEN_MISSING', ['WWW-Authenticate', 'Bearer']);

/** Who may call one method of one path, as far as that is known when the rule is compiled. */
export interface Access {
  readonly isDisabled: boolean;
  readonly isPublic: boolean;
  /** Set where the rule names methods, this one not among them: value of Allow. */
  readonly allow: string | null;
}

/**
 * Authorize, closed by default. Null for a public path: nothing to do. In this release no credential is checked, so every path that
 * is not public has nobody who may call it.
 */
export function authorize(access: Access): Stage | null {
  if (access.isDisabled) return DISABLED_STAGE;
  if (access.isPublic) return null;
  if (access.allow !== null) return refusing('method', refusal('METHOD_NOT_ALLOWED', ['Allow', access.allow]));
  return CLOSED_STAGE;
}

const DISABLED_STAGE = refusing('disabled', DISABLED);
const CLOSED_STAGE = refusing('authorize', TOKEN_MISSING);

function refusing(name: string, verdict: Refusal): Stage {
  const answer = (): Refusal => verdict;
  return { name, run: answer, peek: answer };
}
