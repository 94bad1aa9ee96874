import { isMembers } from '../components/check/members.js';
import { pointerTo } from '../components/pointer.js';
import type { ResolvedText } from './lookup-session.js';
import { hasLookup } from './parse-lookup.js';

export interface LookupProblem {
  readonly pointer: string;
  readonly message: string;
}

type ResolveTexts = (texts: Iterable<string>) => Promise<ReadonlyMap<string, ResolvedText>>;

const DEEPEST = 256;
const MOST_PROBLEMS = 100;

/** A deep copy of JSON whose texts are resolved; each different text is asked for once. */
export async function resolveValue(
  value: unknown,
  resolveTexts: ResolveTexts,
): Promise<{ readonly value: unknown; readonly problems: readonly LookupProblem[] }> {
  const texts = new Set<string>();
  new Copy((text) => {
    texts.add(text);
    return { text, isSecret: false };
  }).of(value, '');
  const resolved = texts.size === 0 ? new Map<string, ResolvedText>() : await resolveTexts(texts);
  const copy = new Copy((text) => resolved.get(text)!);
  const copied = copy.of(value, '');
  return { value: copied, problems: copy.told() };
}

class Copy {
  private readonly problems: LookupProblem[] = [];
  private left = 0;
  /** An object that stands in several places is copied once: aliases of YAML could make very many of few. */
  private readonly copies = new Map<object, unknown>();
  private readonly around = new Set<object>();

  constructor(private readonly resolve: (text: string) => ResolvedText) {}

  of(value: unknown, pointer: string): unknown {
    if (typeof value === 'string') return hasLookup(value) ? this.text(value, pointer) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (this.around.has(value)) return this.problem(pointer, 'The value holds itself.', null);
    if (this.copies.has(value)) return this.copies.get(value);
    if (this.around.size >= DEEPEST) return this.problem(pointer, `The value is nested deeper than ${DEEPEST}.`, null);
    this.around.add(value);
    const copy = Array.isArray(value)
      ? value.map((item: unknown, index) => this.of(item, pointerTo(pointer, index)))
      : isMembers(value)
        ? Object.fromEntries(Object.keys(value).map((name) => [name, this.of(value[name], pointerTo(pointer, name))]))
        : value;
    this.around.delete(value);
    this.copies.set(value, copy);
    return copy;
  }

  told(): readonly LookupProblem[] {
    if (this.left === 0) return this.problems;
    return [...this.problems, { pointer: '', message: `${this.left} more lookups fail.` }];
  }

  private text(text: string, pointer: string): string {
    const outcome = this.resolve(text);
    if ('text' in outcome) return outcome.text;
    for (const message of outcome.problems) this.problem(pointer, message, null);
    return text;
  }

  private problem(pointer: string, message: string, value: null): null {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ pointer, message });
    else this.left += 1;
    return value;
  }
}
