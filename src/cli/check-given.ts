import { ComponentStore } from '../components/component-store.js';
import { StandingFindings } from '../components/finding-board.js';
import { locateFindings } from '../components/locate-finding.js';
import type { DumpedComponents, DumpedRecord } from '../components/database/component-edits.js';
import { checkRecord } from '../components/check/check-record.js';
import { apartFromLookups } from '../components/unresolved-stage.js';
import type { Component, ComponentSet, Finding } from '../contracts/components.js';
import { COMPONENT_KINDS, type ComponentKind } from '../contracts/records.js';
import type { Compile } from './compiled-findings.js';
import type { GivenFile } from './given-file.js';
import { sortedFindings } from './show-findings.js';

const STANDARD_INPUT = 'standard input';

/** All that was given, put together as a gateway would do it: duplicates and files that cannot be read are its findings. */
export async function givenSet(files: readonly GivenFile[]): Promise<ComponentSet> {
  const store = new ComponentStore({ board: new StandingFindings(), log: () => undefined });
  const originOf = ({ path }: GivenFile): string => path ?? STANDARD_INPUT;
  const replaced = new Map(
    files.filter(({ failure }) => failure === null).map((file) => [originOf(file), file.checked]),
  );
  const failed = new Map(
    files.flatMap((file) => {
      const { failure, kind, path } = file;
      if (failure === null) return [];
      return [[originOf(file), { kind: kind ?? 'system', ...failure, ...(path !== null && { file: path }) }] as const];
    }),
  );
  await store.apply({ replaced, failed }, { acceptEmpty: true });
  return store.current()!;
}

/**
 * What is wrong with what was given: what `sluice validate` finds, except that it may refer to what is stored already.
 * @param stored asked only where there is a fault without it; null where nothing else will be there
 */
export async function checkGiven(
  set: ComponentSet,
  { compile, stored }: { readonly compile: Compile; readonly stored: (() => Promise<DumpedComponents>) | null },
): Promise<readonly Finding[]> {
  let compiled = await compile(set);
  if (stored !== null && set.findings.every(isWarning) && !compiled.every(isWarning)) {
    compiled = await compile(withStored(set, await stored()));
  }
  // What is stored already was checked when it was written.
  const own = apartFromLookups(compiled, set).filter(({ kind, id }) => set.records[kind].has(id));
  return sortedFindings(await locateFindings([...set.findings, ...own], set));
}

const isWarning = ({ severity }: Finding): boolean => severity === 'warning';

function withStored(set: ComponentSet, dumped: DumpedComponents): ComponentSet {
  const merged = (kind: ComponentKind, records: readonly DumpedRecord[]): ReadonlyMap<string, Component> =>
    new Map([...records.map((record) => [record.id, stored(kind, record)] as const), ...set.records[kind]]);
  const records = Object.fromEntries(COMPONENT_KINDS.map((kind) => [kind, merged(kind, dumped[`${kind}s`])]));
  return { ...set, records: records as unknown as ComponentSet['records'] };
}

function stored(kind: ComponentKind, { id, data }: DumpedRecord): Component {
  // Whether it is active for this gateway does not matter to others that may use it.
  const checked = checkRecord(kind, { id, data: structuredClone(data) }, { gatewayId: '' })?.checked;
  const status = data['status'];
  const record = (checked?.record ?? checked?.unresolved ?? null) as Component['record'];
  return {
    ...{ kind, id, record, version: checked?.version ?? '' },
    active: status === undefined || status === 'ACTIVE' || status === 'A',
  };
}
