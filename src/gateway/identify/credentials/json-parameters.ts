import { TOKEN } from '../../http-syntax.js';
import { JsonFault, objectMembers, type Member } from '../../json/json-text.js';
import { MAX_NAME_LENGTH, MAX_PARAMETERS, MAX_VALUE_LENGTH, type Parameter } from './credential.js';

/**
 * The parameters of a JSON object: strings, and numbers and booleans as they were written; null is none. Of two equal names the last
 * wins, as in any body.
 * @param kind `strict`: all members are meant as parameters, so one that cannot be one (nested, too long, past the fiftieth) makes
 * the whole null. `loose`: the object has other members too, and those are left out.
 * @returns null where the text is no JSON object
 */
export function jsonParameters(text: string, kind: 'strict' | 'loose'): Parameter[] | null {
  const members = membersIn(text);
  if (members === null) return null;
  const found = new Map<string, string>();
  for (const member of members) {
    const value = scalarAt(text, member);
    if (value === '') continue;
    const name = parameterName(member.name);
    const isMeant = value !== null && value.length <= MAX_VALUE_LENGTH && name !== null;
    if (isMeant && (found.size < MAX_PARAMETERS || found.has(name))) found.set(name, value);
    else if (kind === 'strict') return null;
  }
  return [...found];
}

/** A parameter's name in lower case; null where it can be none. */
export function parameterName(given: string): string | null {
  return given.length <= MAX_NAME_LENGTH && TOKEN.test(given) ? given.toLowerCase() : null;
}

function membersIn(text: string): Member[] | null {
  try {
    return objectMembers(text);
  } catch (error) {
    if (error instanceof JsonFault) return null;
    throw error;
  }
}

/** Empty for null; null for what is nested. */
function scalarAt(text: string, { value, end }: Member): string | null {
  const first = text[value];
  if (first === '{' || first === '[') return null;
  if (first === 'n') return '';
  const written = text.slice(value, end);
  return first === '"' ? (JSON.parse(written) as string) : written;
}
