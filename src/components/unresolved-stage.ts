import type { Component, ComponentSet, Finding } from '../contracts/components.js';
import type { ComponentKind } from '../contracts/records.js';
import { hasLookup } from '../lookups/parse-lookup.js';
import { type CheckedRecord, resolvedRecord } from './check/check-record.js';
import type { SourceChange } from './component-store.js';
import type { LoadOptions, RecordSink } from './loader.js';
import { valueAt } from './pointer.js';

/** What a lookup will give is not known here: a record keeps its lookups, and all is checked but the values that they stand for. */
export function withLookups(checked: CheckedRecord, gatewayId: string): CheckedRecord {
  const { unresolved } = checked;
  if (unresolved === undefined) return checked;
  const fields = structuredClone(unresolved);
  const result = resolvedRecord(checked, { fields, problems: [], gatewayId });
  const findings = result.findings.filter((finding) => !isAboutLookup(fields, finding));
  const isFaulty = findings.some(({ severity }) => severity === 'fault');
  return { ...result, findings, record: isFaulty ? null : fields };
}

/** Of what the gateway's compiler finds in such records, all that is not about a lookup's value. */
export function apartFromLookups(findings: readonly Finding[], set: ComponentSet): readonly Finding[] {
  const apart = findings.filter((finding) => {
    const component: Component | undefined = set.records[finding.kind].get(finding.id);
    return component?.stored === undefined || !isAboutLookup(component.stored, finding);
  });
  const atFault = new Set(
    apart.filter(({ kind, severity }) => kind === 'token' && severity === 'fault').map(({ id }) => id),
  );
  return apart.filter((finding) => !isOfUnknownToken(finding, set, atFault));
}

const TOKEN_POINTERS: readonly string[] = ['/authToken', '/anonymousToken'];

/** That a channel's token cannot be used, where nothing is wrong with it but what its lookups will give. */
function isOfUnknownToken(
  { kind, id, pointer }: Finding,
  { records }: ComponentSet,
  atFault: ReadonlySet<string>,
): boolean {
  const channel = kind === 'channel' && TOKEN_POINTERS.includes(pointer) ? records.channel.get(id) : undefined;
  const record = channel?.record ?? null;
  const named = record === null ? null : valueAt(record, pointer);
  const token = typeof named === 'string' ? records.token.get(named) : undefined;
  return token?.active === true && token.stored !== undefined && !atFault.has(token.id);
}

function isAboutLookup(record: object, { pointer }: Finding): boolean {
  const value = valueAt(record, pointer);
  return typeof value === 'string' && hasLookup(value);
}

/** Stands in the place of LookupStage where nothing may be looked up (`sluice validate`). */
export class UnresolvedStage implements RecordSink {
  constructor(
    private readonly sink: RecordSink,
    private readonly gatewayId: string,
  ) {}

  current(): ComponentSet | null {
    return this.sink.current();
  }

  failLoad(kinds: readonly ComponentKind[], message: string, file?: string): Promise<void> {
    return this.sink.failLoad(kinds, message, file);
  }

  apply(change: SourceChange, options?: LoadOptions): Promise<boolean> {
    const units = [...(change.replaced ?? [])].map(
      ([origin, records]) => [origin, records.map((checked) => withLookups(checked, this.gatewayId))] as const,
    );
    return this.sink.apply({ ...change, replaced: new Map(units) }, options);
  }
}
