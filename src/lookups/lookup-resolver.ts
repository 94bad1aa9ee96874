import { type LookupProviders, LookupSession } from './lookup-session.js';

export { hasLookup } from './parse-lookup.js';
export type { LookupProblem } from './resolve-value.js';
export type { ResolvedText } from './lookup-session.js';
export { LookupSession };

/** Replaces lookups by what stands elsewhere (spec/components.md). */
export class LookupResolver {
  constructor(private readonly providers: LookupProviders) {}

  /** Everything in it sees the same values: begin one for each load. */
  session(): LookupSession {
    return new LookupSession(this.providers);
  }
}
