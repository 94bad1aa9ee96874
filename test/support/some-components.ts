import type { Component, ComponentSet } from '../../src/contracts/components.js';
import type { ComponentKind, RecordOf } from '../../src/contracts/records.js';

/** A component in force; a record of null was never good. */
export const aComponent = <K extends ComponentKind>(
  kind: K,
  id: string,
  record: RecordOf[K] | null,
  given: Partial<Pick<Component, 'active' | 'version' | 'file'>> = {},
): Component<K> => ({ kind, id, record, version: '1', active: true, ...given });

export function aSet(components: readonly Component[], revision = 1): ComponentSet {
  const of = <K extends ComponentKind>(kind: K): ReadonlyMap<string, Component<K>> =>
    new Map(components.filter((one) => one.kind === kind).map((one) => [one.id, one as Component<K>]));
  const records = { system: of('system'), channel: of('channel'), service: of('service'), token: of('token') };
  return { revision, records, findings: [] };
}
