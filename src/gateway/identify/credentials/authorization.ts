import { textInBase64 } from './base64-text.js';
import { MAX_PARAMETERS, MAX_VALUE_LENGTH, type Parameter } from './credential.js';
import { jsonParameters, parameterName } from './json-parameters.js';
import { afterScheme, hasScheme } from './letter-case.js';

/** How a place reads the header Authorization. */
export interface AuthorizationReading {
  /** Name that `Bearer <token>` stands for, in lower case. */
  readonly tokenName: string;
  /** Names, in lower case, that make a header `[parameter] value` ours even where the rest of it is broken. */
  readonly counting: ReadonlySet<string>;
  /** Only the auth flows take Basic. */
  readonly takesBasic: boolean;
}

/** What the header gives; `malformed` is what begins as one of the forms and does not end so. */
export type Authorization = readonly Parameter[] | 'malformed';

const NOTHING: readonly Parameter[] = [];

/** Schemes of others (IANA's registry, and what is about): their credentials are never taken for a parameter and sent on. */
const FOREIGN =
  /^(?:concealed|digest|dpop|gnap|hoba|mutual|negotiate|ntlm|oauth|privatetoken|scram-sha-(?:1|256)|vapid|aws4-.*)$/;

/**
 * Reads Authorization in the forms of spec/apis.md: `Basic base64(user:password)`, `Bearer base64=…` (a JSON object), `Bearer
 * multi=name:value,name:value`, `Bearer <token>`, `[parameter] value, [parameter] value`. Schemes match in any case.
 *
 * `[parameter] value` looks like any other scheme. It is one of ours where every element is one name and one value without a blank,
 * and the first is no known scheme of others; then all its names are given, and who asks for one that is not there has no token.
 * Where it does not end so, it is malformed if its first name is one of `counting`, and else another scheme, which is no token.
 */
export function authorizationOf(value: string, reading: AuthorizationReading): Authorization {
  if (value === '') return NOTHING;
  if (hasScheme(value, 'basic')) return reading.takesBasic ? basic(afterScheme(value, 'basic')) : NOTHING;
  if (hasScheme(value, 'bearer')) return bearer(afterScheme(value, 'bearer'), reading.tokenName);
  return parameterList(value, reading.counting);
}

/** User name up to the first colon, the rest is the password (RFC 7617, 2). */
function basic(credentials: string): Authorization {
  const text = textInBase64(credentials);
  const colon = text === null ? -1 : text.indexOf(':');
  if (text === null || colon === -1) return 'malformed';
  return [
    ['username', text.slice(0, colon)],
    ['password', text.slice(colon + 1)],
  ];
}

const OBJECT = 'base64=';
const LIST = 'multi=';

function bearer(credentials: string, tokenName: string): Authorization {
  if (credentials.startsWith(OBJECT)) {
    const text = textInBase64(credentials.slice(OBJECT.length));
    return (text === null ? null : jsonParameters(text, 'strict')) ?? 'malformed';
  }
  if (credentials.startsWith(LIST)) return pairs(credentials.slice(LIST.length), ':') ?? 'malformed';
  return isBearerToken(credentials) ? [[tokenName, credentials]] : 'malformed';
}

/**
 * Whether what follows `Bearer` is one token: no blank, no comma, no tab. What else may be in a token its check knows, which reads
 * every character; this runs on each call.
 */
export function isBearerToken(credentials: string): boolean {
  return (
    credentials !== '' &&
    credentials.length <= MAX_VALUE_LENGTH &&
    !credentials.includes(' ') &&
    !credentials.includes(',') &&
    !credentials.includes('\t')
  );
}

/** Whether what follows `Bearer` holds parameters instead of a token. */
export function isBearerForm(credentials: string): boolean {
  return credentials.startsWith(OBJECT) || credentials.startsWith(LIST);
}

function parameterList(value: string, counting: ReadonlySet<string>): Authorization {
  const first = /^[^ \t,]*/.exec(value)![0].toLowerCase();
  const isOurs = counting.has(first);
  if (!isOurs && FOREIGN.test(first)) return NOTHING;
  return pairs(value, ' ') ?? (isOurs ? 'malformed' : NOTHING);
}

/**
 * Elements between commas, each a name and a value with `mark` between them; blanks around an element do not count, and between a
 * name and a value there may be several. An empty element, an empty or impossible name and too much of anything make it null, as
 * does a value that is missing or holds a blank where the mark is one.
 */
function pairs(text: string, mark: ':' | ' '): Parameter[] | null {
  const elements = text.split(',', MAX_PARAMETERS + 1);
  if (elements.length > MAX_PARAMETERS) return null;
  const found: Parameter[] = [];
  for (const element of elements) {
    const pair = element.trim();
    const at = pair.indexOf(mark);
    const name = at === -1 ? null : parameterName(pair.slice(0, at));
    if (name === null) return null;
    const value = pair.slice(at + 1).trimStart();
    if (value.length > MAX_VALUE_LENGTH || (mark === ' ' && /[ \t]/.test(value))) return null;
    found.push([name, value]);
  }
  return found;
}
