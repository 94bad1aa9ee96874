import { existsSync, readFileSync } from 'node:fs';
import { extname, isAbsolute, relative, resolve } from 'node:path';
import type { SettingFault } from './faults.js';
import { given, type GivenSetting } from './given-setting.js';
import { readProperties } from './properties.js';
import { readYamlSettings } from './yaml-settings.js';

const DEFAULT_FILE = 'config/application.yaml';

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly settings: readonly GivenSetting[];
}

/** The file that was named; without a name the default file, if it is there. Null: there is none. */
export function readConfigFile(named: NamedFile | null, cwd: string, faults: SettingFault[]): ConfigFile | null {
  const path = resolve(cwd, named?.path ?? DEFAULT_FILE);
  if (named === null && !existsSync(path)) return null;
  const inside = relative(cwd, path);
  const shownPath = inside.startsWith('..') || isAbsolute(inside) ? path : inside;
  const refuse = (problem: string): void => {
    faults.push({
      property: 'configuration file',
      value: JSON.stringify(shownPath),
      problem,
      source: named?.source ?? 'default',
    });
  };
  const read = READERS[extname(path).toLowerCase()];
  if (read === undefined) {
    refuse('expected a name that ends in .yaml, .yml, .json or .properties');
    return { path, settings: [] };
  }
  try {
    const text = textOf(readFileSync(path), extname(path).toLowerCase() === '.properties');
    return { path, settings: read(text.replace(/^\uFEFF/, ''), shownPath, faults) };
  } catch (error) {
    refuse(`cannot be read: ${reasonOf(error)}`);
    return { path, settings: [] };
  }
}

export interface NamedFile {
  readonly path: string;
  /** Who named it. */
  readonly source: string;
}

type Reader = (text: string, path: string, faults: SettingFault[]) => GivenSetting[];

const READERS: Readonly<Record<string, Reader>> = {
  '.yaml': readYamlSettings,
  '.yml': readYamlSettings,
  '.json': readJsonSettings,
  '.properties': (text, path, faults) =>
    withLists(readProperties(text, path, faults).map(({ name, value, line }) => given(name, value, `${path}:${line}`))),
};

/** JSON is read as the YAML that it is, for the sake of line numbers, once it is known to be JSON. */
function readJsonSettings(text: string, path: string, faults: SettingFault[]): GivenSetting[] {
  try {
    JSON.parse(text);
  } catch (error) {
    faults.push({ property: 'configuration file', value: null, problem: reasonOf(error), source: path });
    return [];
  }
  return readYamlSettings(text, path, faults);
}

/** Spring's way of writing lists in lines: `name[0]=…`. */
function withLists(lines: readonly GivenSetting[]): GivenSetting[] {
  const settings: GivenSetting[] = [];
  for (const line of lines) {
    const name = /^(.+)\[\d{1,4}\]$/.exec(line.name)?.[1];
    if (name === undefined) settings.push(line);
    else {
      const index = settings.findIndex((setting) => setting.name === name && Array.isArray(setting.value));
      const before = index < 0 ? { ...line, name, value: [] } : settings.splice(index, 1)[0]!;
      settings.push({ ...before, value: [...before.value, String(line.value)] });
    }
  }
  return settings;
}

/** Java writes .properties files in Latin-1 where they are not UTF-8. */
function textOf(bytes: Buffer, mayBeLatin: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (mayBeLatin) return bytes.toString('latin1');
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'permission denied' };
  return known[code as keyof typeof known] ?? message;
}
