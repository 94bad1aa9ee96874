import 'reflect-metadata';

/** Another name of a setting, read at the border only. */
export interface SettingAlias {
  readonly name: string;
  /** Counts only where the settings of the original are read (some name begins with `rierino.`). */
  readonly originalOnly?: boolean;
  /** Turns the foreign value into ours; null: as if it were not given. */
  readonly convert?: (value: string) => string | null;
}

export interface SettingDeclaration {
  /** Field of the settings class. */
  readonly key: string;
  /** Name in the contract. One that ends in `.*` is a family: the field is a map of all names that begin so. */
  readonly name: string;
  readonly doc: string;
  /** What the check accepts, in words: it stands in faults and on the settings page. */
  readonly expected: string;
  /** Never shown in clear. */
  readonly secret: boolean;
  readonly aliases: readonly SettingAlias[];
  /** How the settings page names a default that the field cannot tell (it depends on the surroundings). */
  readonly defaultText: string | null;
}

export interface SettingOptions {
  readonly doc: string;
  readonly secret?: boolean;
  readonly aliases?: readonly SettingAlias[];
  readonly defaultText?: string;
}

/** A settings class: built without arguments, its initial field values are the defaults. */
export type SettingsClass<T extends object = object> = new () => T;

const declarations = new WeakMap<object, Map<string, SettingDeclaration>>();
const expectations = new WeakMap<object, Map<string | symbol, string>>();

/** What the names of a family begin with; null for a setting of one name. */
export const familyPrefix = (name: string): string | null => (name.endsWith('.*') ? name.slice(0, -1) : null);

/** Gives a field its name in the contract. Stands first, before the decorator of its kind. */
export function Setting(name: string, options: SettingOptions): PropertyDecorator {
  return (target, key) => {
    const { doc, secret = false, aliases = [], defaultText = null } = options;
    const expected = expectations.get(target)?.get(key) ?? 'a value';
    const ofClass = declarations.get(target) ?? new Map<string, SettingDeclaration>();
    declarations.set(target, ofClass);
    ofClass.set(String(key), { key: String(key), name, doc, expected, secret, aliases, defaultText });
  };
}

/** Notes in words what a field accepts; used by the decorators of setting-kinds.ts. */
export function noteExpectation(target: object, key: string | symbol, expected: string): void {
  const ofClass = expectations.get(target) ?? new Map<string | symbol, string>();
  expectations.set(target, ofClass.set(key, expected));
}

/** The settings of a class, in the order of its fields. */
export function settingsOf(Settings: SettingsClass): readonly SettingDeclaration[] {
  return [...(declarations.get(Settings.prototype as object)?.values() ?? [])];
}
