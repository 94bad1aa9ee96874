import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { shown, type SettingFault } from './faults.js';
import type { GivenValue } from './given-setting.js';
import { familyPrefix, settingsOf, type SettingsClass } from './setting.decorator.js';

/** The value in force of one property, before it is checked. */
export interface ChosenValue {
  readonly value: GivenValue;
  readonly source: string;
  /** It came through a secret lookup: never shown, whatever the setting is. */
  readonly isSecret?: boolean;
}

/** Makes one settings class of what was given, frozen. Adds what is wrong to `faults`, so that the caller can stop once, with the whole list. */
export function readSettingsClass<T extends object>(
  Settings: SettingsClass<T>,
  chosen: ReadonlyMap<string, ChosenValue>,
  faults: SettingFault[],
): T {
  const declarations = settingsOf(Settings);
  const values = declarations.flatMap(({ key, name }) => {
    const prefix = familyPrefix(name);
    const value = prefix === null ? chosen.get(name)?.value : membersOf(prefix, chosen);
    return value === undefined ? [] : [[key, value] as const];
  });
  const settings = plainToInstance(Settings, Object.fromEntries(values), { exposeDefaultValues: true });
  for (const error of validateSync(settings)) {
    const { name, secret } = declarations.find(({ key }) => key === error.property)!;
    const { value, source, isSecret = false } = chosen.get(name) ?? { value: '', source: sourcesOf(name, chosen) };
    const problem = Object.values(error.constraints ?? {}).join('; ');
    faults.push({ property: name, value: shown(value, secret || isSecret), problem, source });
  }
  for (const value of Object.values(settings)) if (typeof value === 'object') Object.freeze(value);
  return Object.freeze(settings);
}

/** The members of a family that were given, without their prefix; undefined where there are none. */
function membersOf(
  prefix: string,
  chosen: ReadonlyMap<string, ChosenValue>,
): Readonly<Record<string, GivenValue>> | undefined {
  const members = [...chosen].filter(([name]) => name.startsWith(prefix));
  return members.length === 0
    ? undefined
    : Object.fromEntries(members.map(([name, { value }]) => [name.slice(prefix.length), value]));
}

function sourcesOf(name: string, chosen: ReadonlyMap<string, ChosenValue>): string {
  const prefix = familyPrefix(name);
  const members = prefix === null ? [] : [...chosen].filter(([member]) => member.startsWith(prefix));
  return [...new Set(members.map(([, { source }]) => source))].join(', ') || 'default';
}
