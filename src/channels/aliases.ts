import { compile } from '@jmespath-community/jmespath';
import { HEADER_NAME } from '../components/check/headers.js';
import { isMembers, type Members, membersOf } from '../components/check/members.js';
import type { RecordCheck } from '../components/check/record-check.js';
import { normalTarget } from '../components/check/rule-key.js';
import { pointerTo } from '../components/pointer.js';

/** Root paths that are the gateway's own. */
const TAKEN: ReadonlySet<string> = new Set(['api', 'actuator']);
const TAKEN_BELOW: ReadonlySet<string> = new Set(['health/live', 'health/ready']);
const SHADOWS: ReadonlySet<string> = new Set(['health', 'metrics']);

/** The aliases that can be served, in normal form; each of the others is a fault of that alias alone. */
export function usableAliases(aliases: unknown, check: RecordCheck): unknown {
  if (!Array.isArray(aliases)) return aliases;
  const names = new Set<string>();
  return aliases.filter((alias: unknown, index) => {
    // What is no alias at all is a fault of the record by its schema.
    if (!isMembers(alias) || typeof alias['alias'] !== 'string' || typeof alias['target'] !== 'string') return true;
    return isUsable(alias, pointerTo('/aliases', index), { names, check });
  });
}

interface Place {
  readonly names: Set<string>;
  readonly check: RecordCheck;
}

function isUsable(alias: Members, pointer: string, { names, check }: Place): boolean {
  const problem = normalizeName(alias, names) ?? normalizeTarget(alias);
  if (problem !== null) check.partFault(`${pointer}/${problem.field}`, `${problem.message} The alias is left out.`);
  const mapped = checkHeaderMap(alias['headerMap'], `${pointer}/headerMap`, check);
  const name = alias['alias'] as string;
  if (problem === null && SHADOWS.has(name)) {
    check.warning(
      `${pointer}/alias`,
      `The alias takes the place of the gateway's own /${name}. Choose another name if that is not meant.`,
    );
  }
  return problem === null && mapped;
}

type Problem = { readonly field: string; readonly message: string } | null;

/** An alias in normal form has no slash at either end. */
function normalizeName(alias: Members, names: Set<string>): Problem {
  const written = String(alias['alias']);
  const result = normalTarget(written);
  if ('problem' in result)
    return { field: 'alias', message: `${JSON.stringify(written)} is no root path: ${result.problem}.` };
  const name = result.normal.slice(1);
  const first = name.split('/', 1)[0]!;
  if (name === '' || name.includes('*')) return { field: 'alias', message: 'An alias is a path without *. Name one.' };
  if (TAKEN.has(first) || TAKEN_BELOW.has(name)) {
    return {
      field: 'alias',
      message: `/${TAKEN.has(first) ? first : name} belongs to the gateway itself. Choose another alias.`,
    };
  }
  if (names.has(name)) return { field: 'alias', message: `The channel has the alias ${name} twice. Remove one.` };
  names.add(name);
  alias['alias'] = name;
  return null;
}

function normalizeTarget(alias: Members): Problem {
  const result = normalTarget(String(alias['target']));
  if ('problem' in result) return { field: 'target', message: `The target is no path: ${result.problem}.` };
  alias['target'] = result.normal;
  return null;
}

function checkHeaderMap(headerMap: unknown, pointer: string, check: RecordCheck): boolean {
  let usable = true;
  for (const [name, expression] of membersOf(headerMap)) {
    if (typeof expression !== 'string') continue;
    if (!HEADER_NAME.test(name)) {
      check.partFault(
        pointerTo(pointer, name),
        `${JSON.stringify(name)} is no name of an HTTP header. Correct it. The alias is left out.`,
      );
      usable = false;
    }
    const problem = expressionProblem(expression);
    if (problem === null) continue;
    check.partFault(
      pointerTo(pointer, name),
      `The expression of ${name} is no JMESPath: ${problem}. Correct it. The alias is left out.`,
    );
    usable = false;
  }
  return usable;
}

/** Thousands of channels share a few expressions. Bounded: past the limit it begins anew. */
const known = new Map<string, string | null>();
const MOST_KNOWN = 1000;

function expressionProblem(expression: string): string | null {
  const problem = known.get(expression);
  if (problem !== undefined) return problem;
  if (known.size >= MOST_KNOWN) known.clear();
  const found = compiles(expression);
  known.set(expression, found);
  return found;
}

function compiles(expression: string): string | null {
  try {
    compile(expression);
    return null;
  } catch {
    // The parser's message quotes the expression, which may hold a constant that is secret.
    return 'it cannot be parsed';
  }
}
