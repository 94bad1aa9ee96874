import type { ClaimRecord, ClaimSpecial } from '../../../contracts/records.js';
import { CARRIED_CLAIM, LOGIN_CLAIM, LOGIN_TIME_CLAIM } from '../tokens/carried-tokens.js';
import { claimClass, type ClaimClass } from './claim-class.js';
import { elementPath, isForbidden, sourcePath, type Step } from './claim-path.js';
import type { ClaimValue } from './claim-value.js';

/** What is wrong, or odd, with a claim. */
export interface ClaimFinding {
  readonly pointer: string;
  readonly message: string;
}

export interface CompiledClaim {
  /** In the token. */
  readonly name: string;
  readonly class: ClaimClass;
  readonly constant: ClaimValue | null;
  /** Where the provider's answer has the value, and where it is taken out with `remove`. */
  readonly source: readonly Step[] | null;
  readonly hasOwnSource: boolean;
  readonly element: readonly string[] | null;
  readonly metaElement: readonly string[] | null;
  readonly special: ClaimSpecial | null;
  readonly removes: boolean;
}

export interface CompiledClaims {
  readonly claims: readonly CompiledClaim[];
  readonly faults: readonly ClaimFinding[];
  readonly warnings: readonly ClaimFinding[];
}

const SPECIALS: readonly string[] = ['ORIGIN_ID', 'ORIGIN_TYPE', 'SESSION_ID', 'ROLES'] satisfies ClaimSpecial[];
/** What the gateway itself writes into a token. A claim of that name reads it, and never sets it. */
const RESERVED = new Set([
  ...['iss', 'aud', 'exp', 'nbf', 'iat', 'jti'],
  ...[CARRIED_CLAIM, LOGIN_CLAIM, LOGIN_TIME_CLAIM],
]);

export function isReserved(name: string): boolean {
  return RESERVED.has(name);
}

/** Compiles a record's claims; one at fault is left out. @param pointer of the list, such as `/claims` */
export function compileClaims(records: readonly ClaimRecord[], pointer: string): CompiledClaims {
  const claims: CompiledClaim[] = [];
  const faults: ClaimFinding[] = [];
  const warnings: ClaimFinding[] = [];
  const names = new Set<string>();
  records.forEach((record, index) => {
    const place = `${pointer}/${index}`;
    const compiled = compiledClaim(record, (field, message) => faults.push({ pointer: place + field, message }));
    if (compiled === null) return;
    const { name } = compiled;
    const warn = (message: string) => warnings.push({ pointer: `${place}/name`, message });
    if (names.has(name)) warn(`The claim ${name} stands twice; the token has the first value that there is.`);
    if (isReserved(name) && compiled.source !== null && compiled.element === null && compiled.metaElement === null)
      warn(`The claim ${name} is written by the gateway itself; the token has no other value of it.`);
    names.add(name);
    claims.push(compiled);
  });
  return { claims, faults, warnings };
}

type Tell = (field: string, message: string) => void;

function compiledClaim(record: ClaimRecord, tell: Tell): CompiledClaim | null {
  let isSound = true;
  const fault: Tell = (field, message) => {
    isSound = false;
    tell(field, message);
  };
  const name = record.name ?? record.element ?? record.metaElement ?? record.special ?? '';
  if (name === '') fault('/name', 'A claim needs a name.');
  if (isForbidden(name)) fault('/name', `A claim must not be called ${name}.`);
  const special = record.special ?? null;
  if (special !== null && !SPECIALS.includes(special))
    fault('/special', `${special} is none of ${SPECIALS.join(', ')}.`);
  const known = claimClass(record.class);
  if (known === null) fault('/class', `The class ${record.class} is not known. Name one such as java.lang.String.`);
  const given = record.value ?? null;
  const constant = given === null || known === null ? null : known.convert(given);
  if (given !== null && known !== null && constant === null) fault('/value', `The value is no ${record.class}.`);
  const element = pathOf(elementPath, record.element, (message) => fault('/element', message));
  const metaElement = pathOf(elementPath, record.metaElement, (message) => fault('/metaElement', message));
  const own = pathOf(sourcePath, record.source, (message) => fault('/source', message));
  if (!isSound || known === null) return null;
  return {
    name,
    class: known,
    constant,
    source: own ?? element,
    hasOwnSource: own !== null,
    element,
    metaElement,
    special: special as ClaimSpecial | null,
    removes: record.remove === true,
  };
}

type Reading<S> = { readonly steps: S; readonly fault: null } | { readonly steps: null; readonly fault: string };

function pathOf<S>(
  read: (text: string) => Reading<S>,
  text: string | undefined,
  tell: (message: string) => void,
): S | null {
  if (text === undefined || text === '') return null;
  const { steps, fault } = read(text);
  if (fault !== null) tell(`${text} ${fault}.`);
  return steps;
}
