import { resolve } from 'node:path';
import type { Json } from '../contracts/json.js';
import { chooseSettings, type Chosen, type Choice, type Findings } from './chosen-settings.js';
import { readCommandLine } from './command-line.js';
import { type ConfigFile, readConfigFile, type NamedFile } from './config-file.js';
import { chooseConsulOfSpring } from './consul-of-spring.js';
import { readEnvironment } from './environment.js';
import { MASK, SettingsRejected } from './faults.js';
import type { GivenSetting } from './given-setting.js';
import type { LookupSettings } from './lookup.settings.js';
import { NOTHING_RESOLVED, type ResolvedLookups } from './resolved-lookups.js';
import { SettingNames } from './setting-names.js';
import { checkTogether } from './setting-rules.js';
import { familyPrefix, settingsOf, type SettingsClass } from './setting.decorator.js';
import { allDeclarations, SETTINGS_CLASSES, type Settings } from './settings.js';
import { readSettingsClass } from './settings-reader.js';

export interface SettingsInput {
  /** What follows the name of the program. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Where relative paths begin. */
  readonly cwd: string;
}

/** What this process was started with: the one place outside the command line that reads it. */
export function processInput(): SettingsInput {
  return { argv: process.argv.slice(2), env: process.env, cwd: process.cwd() };
}

/** One setting in force. */
export interface SettingEntry {
  readonly name: string;
  /** Masked where it is secret. */
  readonly value: Json;
  readonly source: string;
  /** Sources whose value did not count, weakest first. */
  readonly overridden: readonly string[];
}

export interface LoadedSettings {
  readonly settings: Settings;
  readonly entries: readonly SettingEntry[];
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** Absolute path of the configuration file, null without one. */
  readonly file: string | null;
  /** What demo.enabled comes to: whether to seed the samples and run their servers. */
  readonly runsDemo: boolean;
}

/**
 * The effective settings of this process: defaults, then file, environment and --set; the later wins.
 * @throws SettingsRejected with every fault at once
 */
export function readSettings(input: SettingsInput, resolved: ResolvedLookups = NOTHING_RESOLVED): LoadedSettings {
  const { env, cwd } = input;
  const found: Findings = { faults: [], warnings: [], infos: [], resolved };
  const { names, file, sources } = readSources(input, found);
  const choice = chooseSettings(sources, names, found);
  chooseDefaults(choice, sources, env, found);
  checkTogether(choice, found);
  const settings = readClasses(choice, cwd, found);
  if (found.faults.length > 0) throw new SettingsRejected(found.faults, found.warnings);
  const isUntouched = file === null && sources.every((source) => source.length === 0);
  const { demo } = settings.storage;
  return {
    settings,
    entries: entriesOf(settings, choice.chosen),
    warnings: found.warnings,
    infos: found.infos,
    file: file?.path ?? null,
    runsDemo: demo === 'auto' ? isUntouched && env['SLUICE_STARTED_BY'] === 'npm-start' : demo === 'true',
  };
}

export interface SettingSources {
  readonly names: SettingNames;
  readonly file: ConfigFile | null;
  /** What each source gives, the weakest first. */
  readonly sources: readonly (readonly GivenSetting[])[];
}

export function readSources({ argv, env, cwd }: SettingsInput, found: Findings): SettingSources {
  const names = new SettingNames(allDeclarations());
  const line = readCommandLine(argv, found.faults);
  const file = readConfigFile(namedFile(line.config, env), cwd, found.faults);
  return { names, file, sources: [file?.settings ?? [], readEnvironment(env, names, found.warnings), line.settings] };
}

/** The settings of lookups alone, as far as they can be used. */
export function readLookupSettings({ sources, names }: SettingSources, cwd: string, found: Findings): LookupSettings {
  const { chosen } = chooseSettings(sources, names, found);
  return readSettingsClass(SETTINGS_CLASSES.lookup, withAbsolutePaths(chosen, cwd), found.faults);
}

function namedFile(argument: string | null, env: NodeJS.ProcessEnv): NamedFile | null {
  if (argument !== null) return { path: argument, source: '--config' };
  const variable = ['SLUICE_CONFIG', 'RIERINO_CONFIG'].find((name) => (env[name] ?? '') !== '');
  return variable === undefined ? null : { path: env[variable]!, source: `environment ${variable}` };
}

/** Defaults that depend on the surroundings. */
function chooseDefaults(
  choice: Choice,
  sources: readonly (readonly GivenSetting[])[],
  env: NodeJS.ProcessEnv,
  found: Findings,
): void {
  const { chosen } = choice;
  const isOriginal = sources.flat().some((setting) => setting.isOriginal);
  chooseConsulOfSpring(choice, isOriginal, found);
  const partition = env['RUNNER_PARTITION'] ?? '';
  if (!chosen.has('id.partition') && partition !== '') {
    chosen.set('id.partition', { value: partition, source: 'environment RUNNER_PARTITION', overridden: [] });
  }
  if (!chosen.has('config.loader.type') && chosen.has('config.loader.baseUrl')) {
    chosen.set('config.loader.type', { value: 'rest', source: 'default with config.loader.baseUrl', overridden: [] });
  }
  if (chosen.has('server.trustProxy') || !isOriginal) return;
  chosen.set('server.trustProxy', { value: 'private', source: 'default with rierino. names', overridden: [] });
  found.warnings.push(
    'server.trustProxy is "private" because settings with the prefix rierino. are read: forwarding headers of peers ' +
      'in private networks count. Set it to say which proxies are yours.',
  );
}

const PATHS = [
  ...['config.loader.folder', 'config.snapshot.path', 'data.folder'],
  ...['lookup.files.folder', 'lookup.secrets.files.folder', 'lookup.vault.tokenFile'],
  ...['lookup.properties.file', 'lookup.secrets.properties.file'],
];

function withAbsolutePaths(chosen: ReadonlyMap<string, Chosen>, cwd: string): ReadonlyMap<string, Chosen> {
  const absolute = new Map(chosen);
  const places = [SETTINGS_CLASSES.storage, SETTINGS_CLASSES.lookup].flatMap((Class: SettingsClass) =>
    settingsOf(Class).map(({ name, key }) => ({ name, key, Class })),
  );
  for (const { name, key, Class } of places.filter((setting) => PATHS.includes(setting.name))) {
    const given = chosen.get(name) ?? {
      value: defaultOf(Class, key) as string | null,
      source: 'default',
    };
    if (given.value === null) continue;
    const value = typeof given.value === 'string' && given.value !== '' ? resolve(cwd, given.value) : given.value;
    absolute.set(name, { overridden: [], ...given, value });
  }
  const trust = chosen.get('config.loader.trust');
  if (typeof trust?.value === 'string' && trust.value.trim() !== '' && !trust.value.includes('-----BEGIN')) {
    absolute.set('config.loader.trust', { ...trust, value: resolve(cwd, trust.value.trim()) });
  }
  return absolute;
}

function readClasses({ chosen }: Choice, cwd: string, { faults }: Findings): Settings {
  const absolute = withAbsolutePaths(chosen, cwd);
  const classes = Object.entries<SettingsClass>(SETTINGS_CLASSES);
  return Object.freeze(
    Object.fromEntries(classes.map(([key, Class]) => [key, readSettingsClass(Class, absolute, faults)])),
  ) as unknown as Settings;
}

const defaultOf = (Class: SettingsClass, key: string): unknown => (new Class() as Record<string, unknown>)[key];

function entriesOf(settings: Settings, chosen: ReadonlyMap<string, Chosen>): SettingEntry[] {
  return Object.entries<SettingsClass>(SETTINGS_CLASSES).flatMap(([group, Class]) =>
    settingsOf(Class).flatMap(({ key, name, secret }) => {
      const prefix = familyPrefix(name);
      if (prefix !== null) return membersOf(prefix, { secret, chosen });
      const value = (settings[group as keyof Settings] as unknown as Record<string, Json>)[key] ?? null;
      const { source = 'default', overridden = [], isSecret = false } = chosen.get(name) ?? {};
      return [{ name, value: (secret || isSecret) && value !== null ? MASK : value, source, overridden }];
    }),
  );
}

function membersOf(
  prefix: string,
  { secret, chosen }: { readonly secret: boolean; readonly chosen: ReadonlyMap<string, Chosen> },
): SettingEntry[] {
  return [...chosen]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { value, source, overridden, isSecret = false }]) => ({
      ...{ name, source, overridden },
      value: secret || isSecret ? MASK : (value as Json),
    }));
}
