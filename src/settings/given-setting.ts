/** A value as a source gives it: text, or a list of texts. Types are made of it by the settings classes. */
export type GivenValue = string | readonly string[];

/** One property as one source gave it. */
export interface GivenSetting {
  /** Without the prefix `rierino.`. */
  readonly name: string;
  readonly value: GivenValue;
  /** Where it stands, for people: file and line, variable, or argument. */
  readonly source: string;
  /** The name had the prefix of the original: kebab-case is read as camelCase. */
  readonly isOriginal: boolean;
}

const ORIGINAL_PREFIX = 'rierino.';

export function given(name: string, value: GivenValue, source: string): GivenSetting {
  const isOriginal = name.startsWith(ORIGINAL_PREFIX);
  return { name: isOriginal ? name.slice(ORIGINAL_PREFIX.length) : name, value, source, isOriginal };
}
