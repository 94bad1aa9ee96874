import { Gate } from './gate.js';
import { type LookupProvider, MOST_BYTES, ProviderAway } from './lookup-provider.js';
import { hasLookup, type Lookup, parseLookups } from './parse-lookup.js';
import { type LookupProblem, resolveValue } from './resolve-value.js';

/** A text with what its lookups gave, or why there is none. */
export type ResolvedText =
  { readonly text: string; readonly isSecret: boolean } | { readonly problems: readonly [string, ...string[]] };

export interface LookupProviders {
  /** Asked in this order: the first that has it wins. */
  readonly values: readonly LookupProvider[];
  readonly secrets: readonly LookupProvider[];
}

type Found = { readonly text: string } | { readonly problem: string };

const DEEPEST = 16;
const MOST_AT_ONCE = 16;

/** Lookups of one load: each path is read once, whoever asks for it, also at the same time. */
export class LookupSession {
  private readonly providers: LookupProviders;
  private readonly found = new Map<string, Promise<Found>>();
  private readonly expanded = new Map<string, ResolvedText>();
  private readonly away = new Map<LookupProvider, ProviderAway>();
  private readonly gate = new Gate(MOST_AT_ONCE);

  constructor({ values, secrets }: LookupProviders) {
    const views = new Map([...values, ...secrets].map((provider) => [provider, provider.session?.() ?? provider]));
    const viewOf = (provider: LookupProvider): LookupProvider => views.get(provider)!;
    this.providers = { values: values.map(viewOf), secrets: secrets.map(viewOf) };
  }

  /**
   * A deep copy of JSON in which the lookups of all texts are replaced, not those of names. A text whose lookups fail stays
   * as it is: use the copy only where there is no problem.
   */
  async resolve(value: unknown): Promise<{ readonly value: unknown; readonly problems: readonly LookupProblem[] }> {
    return resolveValue(value, (texts) => this.resolveTexts(texts));
  }

  async resolveText(text: string): Promise<ResolvedText> {
    return (await this.resolveTexts([text])).get(text)!;
  }

  private async resolveTexts(texts: Iterable<string>): Promise<ReadonlyMap<string, ResolvedText>> {
    const parsed = new Map([...texts].map((text) => [text, parseLookups(text)]));
    // All are asked for before the first is waited for.
    for (const { parts } of parsed.values())
      for (const part of parts) if (typeof part === 'object') void this.find(part);
    const resolved = new Map<string, ResolvedText>();
    for (const text of parsed.keys()) resolved.set(text, await this.expandText(text, []));
    return resolved;
  }

  /** @param chain the paths that led here, the first first */
  private async expandText(text: string, chain: readonly Lookup[]): Promise<ResolvedText> {
    const { parts, problems: unreadable } = parseLookups(text);
    const problems = [...unreadable];
    const texts: string[] = [];
    let isSecret = false;
    for (const part of parts) {
      const outcome = typeof part === 'string' ? { text: part, isSecret: false } : await this.expand(part, chain);
      if ('problems' in outcome) {
        problems.push(...outcome.problems);
        // Deeper down the first problem tells enough, and all of them could be very many.
        if (chain.length > 0) break;
      } else {
        texts.push(outcome.text);
        isSecret ||= outcome.isSecret;
      }
    }
    const [first, ...more] = new Set(problems);
    if (first !== undefined) return { problems: [first, ...more] };
    const bytes = texts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
    if (bytes <= MOST_BYTES) return { text: texts.join(''), isSecret };
    return { problems: ['The text with what its lookups give is larger than 1 MiB.'] };
  }

  private async expand(lookup: Lookup, chain: readonly Lookup[]): Promise<ResolvedText> {
    const key = keyOf(lookup);
    const way = [...chain, lookup];
    const start = chain.findIndex((before) => keyOf(before) === key);
    if (start >= 0) return { problems: [`Lookups lead in a circle: ${pathsOf(way.slice(start))}.`] };
    const known = this.expanded.get(key);
    if (known !== undefined) return known;
    if (way.length > DEEPEST) return { problems: [`Lookups lead on to more than ${DEEPEST} others: ${pathsOf(way)}.`] };
    const found = await this.find(lookup);
    if ('problem' in found) return { problems: [found.problem] };
    const isSecret = lookup.kind === 'secret';
    if (!hasLookup(found.text)) return { text: found.text, isSecret };
    const outcome = await this.expandText(found.text, way);
    if ('problems' in outcome) {
      const [first, ...more] = outcome.problems;
      return { problems: [chain.length > 0 ? first : `${lookup.text} leads to another lookup. ${first}`, ...more] };
    }
    // Kept only once it is whole: what waits for itself would wait for ever.
    const whole = { text: outcome.text, isSecret: isSecret || outcome.isSecret };
    this.expanded.set(key, whole);
    return whole;
  }

  /** Never rejects. */
  private find(lookup: Lookup): Promise<Found> {
    const key = keyOf(lookup);
    const found = this.found.get(key) ?? this.gate.run(() => this.ask(lookup));
    this.found.set(key, found);
    return found;
  }

  private async ask({ kind, isEnvironmentOnly, path, text }: Lookup): Promise<Found> {
    const all = this.providers[kind === 'secret' ? 'secrets' : 'values'];
    const providers = isEnvironmentOnly ? all.filter(({ name }) => name === 'environment') : all;
    for (const provider of providers) {
      try {
        const away = this.away.get(provider);
        if (away !== undefined) throw away;
        const value = await provider.read(path);
        if (value !== null) return { text: value };
      } catch (error) {
        return { problem: `${text} cannot be looked up in ${provider.name}: ${this.reasonOf(error, provider)}.` };
      }
    }
    if (providers.length === 0) return { problem: `${text} finds nothing: no provider is set for it (lookup.*).` };
    const asked = providers.map((provider) => provider.where?.(path) ?? provider.name).join('; ');
    return {
      problem: `${text} finds nothing. Looked for ${asked}. Set it in one of these places, or correct the path.`,
    };
  }

  /** Of what no provider should throw, the message is not shown: it may hold anything. */
  private reasonOf(error: unknown, provider: LookupProvider): string {
    if (!(error instanceof ProviderAway)) return `it failed (${error instanceof Error ? error.name : typeof error})`;
    if (error.isWhole) this.away.set(provider, error);
    return error.message;
  }
}

const keyOf = ({ kind, isEnvironmentOnly, path }: Lookup): string => `${kind} ${isEnvironmentOnly ? '?' : ''}${path}`;
const pathsOf = (lookups: readonly Lookup[]): string => lookups.map(({ path }) => path).join(' → ');
