/** One place of a text whose value stands elsewhere (spec/components.md). */
export interface Lookup {
  /** `${{…}}` a value, `#{{…}}` a secret. */
  readonly kind: 'value' | 'secret';
  /** `$!{{…}}`, `#!{{…}}`: looked up again at each reconnect. */
  readonly isEphemeral: boolean;
  /** `${{?NAME}}`, `#{{?NAME}}`: nothing but the environment is asked. */
  readonly isEnvironmentOnly: boolean;
  readonly path: string;
  /** As it is written. */
  readonly text: string;
}

export interface ParsedText {
  /** The text in order: what stands as it is, and lookups. */
  readonly parts: readonly (string | Lookup)[];
  /** Why it cannot be read; never what stands in the text, which may be a secret. */
  readonly problems: readonly string[];
}

const LONGEST_PATH = 512;
const OPENING = /[$#]!?\{\{/;
const EPHEMERAL = /[$#]!\{\{/;
const OPENINGS = /([$#])(!?)\{\{/g;
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;

/** Whether a text holds a lookup, or what begins like one. */
export function hasLookup(text: string): boolean {
  return OPENING.test(text);
}

/** The same for one that is to be looked up again at each reconnect. */
export function hasEphemeralLookup(text: string): boolean {
  return EPHEMERAL.test(text);
}

/** Takes a text apart. Blanks around a path do not count. */
export function parseLookups(text: string): ParsedText {
  const parts: (string | Lookup)[] = [];
  const problems: string[] = [];
  let end = 0;
  for (const { 0: opening, 1: sign, 2: mark, index } of text.matchAll(OPENINGS)) {
    // Inside of a lookup that was read already.
    if (index < end) continue;
    if (index > end) parts.push(text.slice(end, index));
    const start = index + opening.length;
    const close = text.indexOf('}}', start);
    if (close < 0) {
      problems.push(`A lookup that begins with ${opening} is not closed: }} is missing.`);
      return { parts, problems };
    }
    end = close + 2;
    const inside = text.slice(start, close).trim();
    const isEnvironmentOnly = inside.startsWith('?');
    const path = isEnvironmentOnly ? inside.slice(1).trim() : inside;
    const problem = problemOf(path);
    if (problem !== null) problems.push(`A lookup ${opening}…}} cannot be read: ${problem}.`);
    else {
      const kind = sign === '#' ? 'secret' : 'value';
      parts.push({ kind, isEphemeral: mark === '!', isEnvironmentOnly, path, text: text.slice(index, end) });
    }
  }
  if (end < text.length) parts.push(text.slice(end));
  return { parts, problems };
}

/** The lookup that a text consists of; null where it is more, less, or none. */
export function soleLookup(text: string): Lookup | null {
  if (!OPENING.test(text)) return null;
  const { parts, problems } = parseLookups(text);
  const [only] = parts;
  return parts.length === 1 && problems.length === 0 && typeof only === 'object' ? only : null;
}

function problemOf(path: string): string | null {
  if (path === '') return 'it names no path';
  if (path.length > LONGEST_PATH) return `its path is longer than ${LONGEST_PATH} characters`;
  if (/[{}]/.test(path)) return 'its path holds a brace; lookups cannot stand in lookups';
  return PRINTABLE.test(path) ? null : 'its path holds a character that is not printable';
}
