import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { shown, type SettingFault } from './faults.js';
import type { GivenValue } from './given-setting.js';
import { settingsOf, type SettingsClass } from './setting.decorator.js';

/** The value in force of one property, before it is checked. */
export interface ChosenValue {
  readonly value: GivenValue;
  readonly source: string;
}

/** Makes one settings class of what was given, frozen. Adds what is wrong to `faults`, so that the caller can stop once, with the whole list. */
export function readSettingsClass<T extends object>(
  Settings: SettingsClass<T>,
  chosen: ReadonlyMap<string, ChosenValue>,
  faults: SettingFault[],
): T {
  const declarations = settingsOf(Settings);
  const values = declarations
    .filter(({ name }) => chosen.has(name))
    .map(({ key, name }) => [key, chosen.get(name)!.value] as const);
  const settings = plainToInstance(Settings, Object.fromEntries(values), { exposeDefaultValues: true });
  for (const error of validateSync(settings)) {
    const { name, secret } = declarations.find(({ key }) => key === error.property)!;
    const { value, source } = chosen.get(name) ?? { value: '', source: 'default' };
    const problem = Object.values(error.constraints ?? {}).join('; ');
    faults.push({ property: name, value: shown(value, secret), problem, source });
  }
  for (const value of Object.values(settings)) if (Array.isArray(value)) Object.freeze(value);
  return Object.freeze(settings);
}
