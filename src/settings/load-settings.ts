import { EnvironmentProvider } from '../lookups/environment.provider.js';
import { lookupResolverOf } from '../lookups/lookup-resolver-of.js';
import { LookupResolver, type LookupSession, type ResolvedText } from '../lookups/lookup-resolver.js';
import { hasLookup } from '../lookups/parse-lookup.js';
import type { Findings } from './chosen-settings.js';
import {
  type LoadedSettings,
  readLookupSettings,
  readSettings,
  readSources,
  type SettingsInput,
  type SettingSources,
} from './read-settings.js';
import type { ResolvedLookups } from './resolved-lookups.js';

/**
 * The effective settings of this process, with the lookups in their values resolved: those of settings of lookups themselves in
 * the environment, all others wherever these settings say.
 * @throws SettingsRejected with every fault at once
 */
export async function loadSettings(input: SettingsInput): Promise<LoadedSettings> {
  const sources = readSources(input, nothingFound());
  const texts = textsWithLookups(sources);
  if (texts.lookup.size + texts.other.size === 0) return readSettings(input);
  const environment = new EnvironmentProvider(input.env);
  const ofLookups = await resolveAll(
    texts.lookup,
    new LookupResolver({ values: [environment], secrets: [environment] }).session(),
  );
  const found = nothingFound((property, text) => (isOfLookups(property) ? ofLookups.get(text) : undefined));
  const lookup = readLookupSettings(sources, input.cwd, found);
  const isUsable = !found.faults.some(({ property }) => isOfLookups(property));
  const ofOthers = isUsable
    ? await resolveAll(texts.other, lookupResolverOf({ lookup }, input.env).session())
    : new Map<string, ResolvedText>();
  const resolved: ResolvedLookups = (property, text) =>
    isOfLookups(property) ? ofLookups.get(text) : (ofOthers.get(text) ?? UNUSABLE);
  return readSettings(input, resolved);
}

/** Said instead of what would only follow from another fault. */
const UNUSABLE: ResolvedText = { problems: ['its lookups need settings of lookup.* that cannot be used'] };

const isOfLookups = (property: string): boolean => property.startsWith('lookup.');

/** The later reading says what is wrong. */
const nothingFound = (resolved?: ResolvedLookups): Findings => ({
  faults: [],
  warnings: [],
  infos: [],
  ...(resolved !== undefined && { resolved }),
});

interface Texts {
  /** Of settings of lookups. */
  readonly lookup: ReadonlySet<string>;
  readonly other: ReadonlySet<string>;
}

/** Nothing is looked up for settings that nobody knows. */
function textsWithLookups({ sources, names }: SettingSources): Texts {
  const texts = { lookup: new Set<string>(), other: new Set<string>() };
  for (const { name, value, isOriginal } of sources.flat()) {
    const meaning = names.meaningOf(name, isOriginal);
    if (meaning.kind !== 'setting') continue;
    const group = isOfLookups(meaning.declaration.name) ? texts.lookup : texts.other;
    for (const text of typeof value === 'string' ? [value] : value) if (hasLookup(text)) group.add(text);
  }
  return texts;
}

async function resolveAll(
  texts: ReadonlySet<string>,
  session: LookupSession,
): Promise<ReadonlyMap<string, ResolvedText>> {
  return new Map(await Promise.all([...texts].map(async (text) => [text, await session.resolveText(text)] as const)));
}
