import { LATER_SETTINGS, type LaterSetting } from './later-settings.js';
import { nearestName } from './nearest-name.js';
import { familyPrefix, type SettingAlias, type SettingDeclaration } from './setting.decorator.js';

/** What a name from a source stands for. */
export type Meaning =
  | { readonly kind: 'setting'; readonly declaration: SettingDeclaration; readonly alias: SettingAlias | null }
  /** A part below a setting that has no parts. */
  | { readonly kind: 'below'; readonly declaration: SettingDeclaration }
  | { readonly kind: 'later'; readonly setting: LaterSetting }
  /** Spring's own, without effect here. */
  | { readonly kind: 'spring' }
  | { readonly kind: 'unknown'; readonly nearest: string | null };

type Found = Extract<Meaning, { kind: 'setting' }>;

const camelCase = (name: string): string => name.replace(/-+([a-z0-9])/gi, (_, next: string) => next.toUpperCase());

/** `server.maxHeaderSize` → `SERVER_MAXHEADERSIZE`: camelCase humps are kept together. */
export const variableForm = (name: string): string => name.toUpperCase().replaceAll('.', '_').replaceAll('-', '');

/** Case and hyphens do not count: a spelling that Spring would take must not slip past a setting that protects. */
function matcher(pattern: string, form: (name: string) => string): RegExp {
  const parts = pattern.split('*').map((part) => form(part).replace(/[.[\]]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`, 'i');
}

/** Every name that means something, in the form of files and in that of environment variables. */
export class SettingNames {
  private readonly byName = new Map<string, Found>();
  private readonly byVariable = new Map<string, string>();
  private readonly families: { readonly prefix: string; readonly declaration: SettingDeclaration }[] = [];
  private readonly later = LATER_SETTINGS.map((setting) => ({
    setting,
    name: matcher(setting.pattern, (part) => part),
    variable: matcher(setting.pattern, variableForm),
  }));

  constructor(declarations: readonly SettingDeclaration[]) {
    for (const declaration of declarations) {
      const prefix = familyPrefix(declaration.name);
      if (prefix !== null) {
        this.families.push({ prefix, declaration });
        continue;
      }
      this.add(declaration.name, { kind: 'setting', declaration, alias: null });
      for (const alias of declaration.aliases) this.add(alias.name, { kind: 'setting', declaration, alias });
    }
  }

  /** `isOriginal`: the name had the prefix `rierino.`. */
  meaningOf(name: string, isOriginal: boolean): Meaning {
    const found = this.byName.get(name) ?? (isOriginal ? this.byName.get(camelCase(name)) : undefined);
    if (found !== undefined) return found;
    const family = this.families.find(({ prefix }) => name.startsWith(prefix) && name.length > prefix.length);
    // Each member counts by itself, as if it were declared under its full name.
    if (family !== undefined) return { kind: 'setting', declaration: { ...family.declaration, name }, alias: null };
    const later = this.later.find((row) => row.name.test(name.replaceAll('-', '')));
    if (later !== undefined) return { kind: 'later', setting: later.setting };
    if (/^(spring|management|logging)\./.test(name)) return { kind: 'spring' };
    const above = this.settingAbove(name);
    if (above !== undefined) return { kind: 'below', declaration: above.declaration };
    return { kind: 'unknown', nearest: nearestName(name, this.suggestions()) };
  }

  /** The name that a variable stands for (its part after the prefix); null where there is none. */
  nameOfVariable(variable: string): string | null {
    const name = this.byVariable.get(variable);
    if (name !== undefined) return name;
    for (const { prefix } of this.families) {
      const start = variableForm(prefix);
      if (!variable.startsWith(start) || variable.length === start.length) continue;
      return `${prefix}${variable.slice(start.length).toLowerCase().replaceAll('_', '-')}`;
    }
    const later = this.later.find((row) => row.variable.test(variable))?.setting.pattern;
    if (later === undefined) return null;
    return later.includes('*') ? variable.toLowerCase().replaceAll('_', '.') : later;
  }

  nearestVariable(variable: string): string | null {
    return nearestName(variable, this.byVariable.keys());
  }

  private add(name: string, found: Found): void {
    if (this.byName.has(name)) throw new Error(`Two settings claim the name "${name}".`);
    this.byName.set(name, found);
    const variable = variableForm(name);
    if (!this.byVariable.has(variable)) this.byVariable.set(variable, name);
  }

  private settingAbove(name: string): Found | undefined {
    for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
      const found = this.byName.get(name.slice(0, end));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private *suggestions(): Iterable<string> {
    for (const [name, { alias }] of this.byName) if (alias === null) yield name;
    for (const { setting } of this.later) if (!setting.pattern.includes('*')) yield setting.pattern;
  }
}
