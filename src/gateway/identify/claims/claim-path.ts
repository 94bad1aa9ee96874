/** One step of a path: a member's name, an index, or all items of an array. */
export type Step = string | number | typeof ALL;
export const ALL = Symbol('all');

const MAX_STEPS = 32;
/** Names that mean something to every object: nothing is read from them and nothing put there. */
const FORBIDDEN: ReadonlySet<unknown> = new Set(['__proto__', 'constructor', 'prototype']);

export function isForbidden(name: unknown): boolean {
  return FORBIDDEN.has(name);
}

// Sticky: each match begins where the last one ended, so that nothing is gone over twice.
const NAME = /\.?([^.[\]'"*\s]+)/y;
const INDEX = /\[(\d{1,9})\]/y;
const QUOTED = /\[(?:'([^']*)'|"([^"]*)")\]/y;
const EVERY = /\[\*\]/y;

/** What a path says, or why it says nothing; the message ends a sentence that begins with the path. */
export type PathReading =
  { readonly steps: readonly Step[]; readonly fault: null } | { readonly steps: null; readonly fault: string };

/** Reads a JSON path: `$.` or not, names by dots, `[0]` or `.0`, `['name']`, `[*]`. Filters, slices and `..` are not known. */
export function sourcePath(text: string): PathReading {
  const steps: Step[] = [];
  let at = text === '$' ? 1 : text.startsWith('$.') || text.startsWith('$[') ? 1 : 0;
  while (at < text.length) {
    const step = stepAt(text, at, steps.length === 0 && at === 0);
    if (step === null) return { steps: null, fault: 'is no path that can be read: names, dots, [0], [*]' };
    if (isForbidden(step.step)) return { steps: null, fault: `must not name ${String(step.step)}` };
    steps.push(step.step);
    at = step.end;
  }
  if (steps.length === 0) return { steps: null, fault: 'names nothing' };
  return steps.length > MAX_STEPS ? { steps: null, fault: `has more than ${MAX_STEPS} steps` } : { steps, fault: null };
}

/** Reads a path to put something at: names alone. A number is a name like any other. */
export function elementPath(text: string): { steps: readonly string[]; fault: null } | { steps: null; fault: string } {
  const { steps, fault } = sourcePath(text);
  if (steps === null) return { steps, fault };
  const names = steps.filter((step) => typeof step === 'string');
  return names.length === steps.length
    ? { steps: names, fault: null }
    : { steps: null, fault: 'must name members, not items of a list' };
}

function stepAt(text: string, at: number, isFirst: boolean): { step: Step; end: number } | null {
  const dotted = text[at] === '.';
  if (dotted || isFirst || text[at] !== '[') {
    NAME.lastIndex = at;
    const name = NAME.exec(text);
    if (name !== null) return dotted !== isFirst ? { step: name[1]!, end: NAME.lastIndex } : null;
  }
  for (const pattern of [INDEX, QUOTED, EVERY]) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) continue;
    const step = pattern === INDEX ? Number(found[1]) : pattern === EVERY ? ALL : (found[1] ?? found[2] ?? '');
    return { step, end: pattern.lastIndex };
  }
  return null;
}

/** What stands at the path, undefined where nothing does. Own members only. With `[*]` a list of what each item has. */
export function valueAt(root: unknown, steps: readonly Step[], from = 0): unknown {
  let value = root;
  for (let index = from; index < steps.length; index++) {
    const step = steps[index]!;
    if (step === ALL) {
      if (!Array.isArray(value)) return undefined;
      const rest = index + 1;
      return value.map((item) => valueAt(item, steps, rest)).filter((item) => item !== undefined);
    }
    value = memberOf(value, step);
    if (value === undefined) return undefined;
  }
  return value;
}

/** Takes what stands at the path out of the object: members are deleted, items of a list close up. */
export function removeAt(root: unknown, steps: readonly Step[], from = 0): void {
  let value = root;
  for (let index = from; index < steps.length - 1; index++) {
    const step = steps[index]!;
    if (step === ALL) {
      if (Array.isArray(value)) for (const item of value) removeAt(item, steps, index + 1);
      return;
    }
    value = memberOf(value, step);
  }
  const last = steps.at(-1)!;
  if (Array.isArray(value)) {
    if (last === ALL) value.length = 0;
    else if (Number(last) < value.length && isIndex(last)) value.splice(Number(last), 1);
  } else if (typeof value === 'object' && value !== null && last !== ALL) {
    delete (value as Record<string, unknown>)[last];
  }
}

function memberOf(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return isIndex(step) ? (value as unknown[])[Number(step)] : undefined;
  return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
}

function isIndex(step: string | number): boolean {
  return typeof step === 'number' || /^\d{1,9}$/.test(step);
}
