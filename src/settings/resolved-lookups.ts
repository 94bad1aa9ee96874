import type { ResolvedText } from '../lookups/lookup-session.js';
import { hasLookup } from '../lookups/parse-lookup.js';
import type { GivenValue } from './given-setting.js';

/** What the lookups in the value of a setting gave; undefined where nobody looked. */
export type ResolvedLookups = (property: string, text: string) => ResolvedText | undefined;

export const NOTHING_RESOLVED: ResolvedLookups = () => undefined;

export type InForce =
  | { readonly value: GivenValue; readonly isSecret: boolean }
  /** Why the value cannot be used. */
  | { readonly problem: string };

/** A given value with what its lookups gave. What they gave is taken as it is. */
export function valueInForce(property: string, given: GivenValue, resolved: ResolvedLookups): InForce {
  const outcomes = (typeof given === 'string' ? [given] : given).map((text) => textInForce(property, text, resolved));
  const problems = outcomes.flatMap((outcome) => ('problems' in outcome ? outcome.problems : []));
  if (problems.length > 0) return { problem: [...new Set(problems)].join(' ') };
  const texts = outcomes.flatMap((outcome) => ('text' in outcome ? [outcome] : []));
  const isSecret = texts.some((outcome) => outcome.isSecret);
  return { value: typeof given === 'string' ? texts[0]!.text : texts.map(({ text }) => text), isSecret };
}

function textInForce(property: string, text: string, resolved: ResolvedLookups): ResolvedText {
  if (hasLookup(text)) {
    return resolved(property, text) ?? { problems: ['lookups are not resolved here; write the value itself'] };
  }
  if (/\$\{[^}]*\}/.test(text)) {
    return { problems: ['placeholders of Spring are not resolved; write the value itself, or a lookup ${{…}}'] };
  }
  return { text, isSecret: false };
}
