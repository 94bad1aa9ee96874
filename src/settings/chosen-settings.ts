import { shown, type SettingFault } from './faults.js';
import type { GivenSetting, GivenValue } from './given-setting.js';
import { asksForMore, type LaterSetting } from './later-settings.js';
import { NOTHING_RESOLVED, type ResolvedLookups, valueInForce } from './resolved-lookups.js';
import { booleanFrom } from './setting-kinds.js';
import type { SettingNames } from './setting-names.js';
import type { SettingAlias, SettingDeclaration } from './setting.decorator.js';
import type { ChosenValue } from './settings-reader.js';

export interface Chosen extends ChosenValue {
  /** The sources whose value did not count, weakest first. */
  readonly overridden: readonly string[];
}

export interface Choice {
  readonly chosen: Map<string, Chosen>;
  /** Names of settings of later capabilities that were given, in lower case and without hyphens. */
  readonly later: ReadonlySet<string>;
}

export interface Findings {
  readonly faults: SettingFault[];
  readonly warnings: string[];
  readonly infos: string[];
  /** Without it, lookups are faults. */
  readonly resolved?: ResolvedLookups;
}

/** Decides which value of each setting counts: sources come weakest first, and within one a setting's own name beats its aliases. */
export function chooseSettings(
  sources: readonly (readonly GivenSetting[])[],
  names: SettingNames,
  found: Findings,
): Choice {
  return new Chooser(names, found, sources).choose();
}

class Chooser {
  private readonly chosen = new Map<string, Chosen>();
  private readonly later = new Map<string, { readonly given: GivenSetting; readonly setting: LaterSetting }>();
  private readonly spring = new Set<string>();
  private readonly isOriginal: boolean;

  constructor(
    private readonly names: SettingNames,
    private readonly found: Findings,
    private readonly sources: readonly (readonly GivenSetting[])[],
  ) {
    this.isOriginal = sources.some((source) => source.some((setting) => setting.isOriginal));
  }

  choose(): Choice {
    for (const source of this.sources) this.readSource(source);
    if (this.spring.size > 0) {
      this.found.infos.push(`Settings of Spring itself have no effect here: ${[...this.spring].join(', ')}`);
    }
    for (const { given, setting } of this.later.values()) this.explainLater(given, setting);
    return { chosen: this.chosen, later: new Set(this.later.keys()) };
  }

  private readSource(source: readonly GivenSetting[]): void {
    const ownNames = new Map<string, string>();
    const aliased: { setting: GivenSetting; declaration: SettingDeclaration; alias: SettingAlias }[] = [];
    for (const setting of source) {
      const meaning = this.names.meaningOf(setting.name, setting.isOriginal);
      if (meaning.kind === 'setting' && meaning.alias === null) {
        const { declaration } = meaning;
        const before = ownNames.get(declaration.name);
        if (before !== undefined) this.refuseTwice(declaration, setting, before);
        ownNames.set(declaration.name, setting.source);
        this.take(declaration, setting, setting.value);
      } else if (meaning.kind === 'setting') {
        aliased.push({ setting, declaration: meaning.declaration, alias: meaning.alias! });
      } else {
        this.explain(setting, meaning);
      }
    }
    for (const { setting, declaration, alias } of aliased) {
      if (ownNames.has(declaration.name)) continue;
      if (alias.originalOnly === true && !this.isOriginal) this.spring.add(setting.name);
      else {
        const value = convert(alias, setting.value);
        if (value !== null) this.take(declaration, setting, value);
      }
    }
  }

  /** In lines of properties and arguments the later counts, as everywhere in Java and shells; elsewhere nobody could say which was meant. */
  private refuseTwice({ name, secret }: SettingDeclaration, { value, source }: GivenSetting, before: string): void {
    if (source === '--set') return;
    if (/\.properties:\d+$/.test(source) || source.startsWith('environment ')) {
      this.found.warnings.push(`${name} is given twice (${before} and ${source}); the later counts`);
      return;
    }
    this.found.faults.push({
      property: name,
      value: shown(value, secret),
      problem: `is given already (${before})`,
      source,
    });
  }

  private take({ name, secret }: SettingDeclaration, { source }: GivenSetting, value: GivenValue): void {
    const inForce = valueInForce(name, value, this.found.resolved ?? NOTHING_RESOLVED);
    if ('problem' in inForce) {
      this.found.faults.push({ property: name, value: shown(value, secret), problem: inForce.problem, source });
      return;
    }
    const before = this.chosen.get(name);
    const overridden = before === undefined ? [] : [...before.overridden, before.source];
    this.chosen.set(name, { ...inForce, source, overridden });
  }

  private explain(
    setting: GivenSetting,
    meaning: Exclude<ReturnType<SettingNames['meaningOf']>, { kind: 'setting' }>,
  ): void {
    const { name, value, source } = setting;
    switch (meaning.kind) {
      case 'spring':
        this.spring.add(name);
        return;
      case 'later':
        // In whatever spelling: what a later source says of it counts, here too.
        this.later.set(name.replaceAll('-', '').toLowerCase(), { given: setting, setting: meaning.setting });
        return;
      case 'below': {
        const problem = `expected ${meaning.declaration.expected} for ${meaning.declaration.name} itself, which has no parts`;
        this.found.faults.push({ property: name, value: shown(value, meaning.declaration.secret), problem, source });
        return;
      }
      case 'unknown': {
        const hint = meaning.nearest === null ? '' : `; did you mean ${meaning.nearest}?`;
        this.found.warnings.push(`Setting ${JSON.stringify(name)} is unknown${hint} (${source})`);
      }
    }
  }

  private explainLater({ name, value, source }: GivenSetting, later: LaterSetting): void {
    if (!asksForMore(later, value) || this.isSwitchedOff(later)) return;
    if (later.protects === true) {
      const problem = 'is not in force in this release; refusing to start rather than to run unprotected';
      this.found.faults.push({ property: name, value: null, problem, source });
    } else {
      this.found.warnings.push(`Setting ${name} is known, but not in force in this release (${source})`);
    }
  }

  private isSwitchedOff({ switchedBy }: LaterSetting): boolean {
    return switchedBy !== undefined && booleanFrom(this.later.get(switchedBy)?.given.value) === false;
  }
}

function convert(alias: SettingAlias, value: GivenValue): GivenValue | null {
  return typeof value === 'string' && alias.convert !== undefined ? alias.convert(value) : value;
}
