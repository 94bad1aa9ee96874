import type { ComponentSet, Finding } from '../contracts/components.js';
import type { ComponentKind } from '../contracts/records.js';
import { holdsLookup } from './check/lookups.js';
import { type CheckedRecord, resolvedRecord } from './check/check-record.js';
import type { SourceChange } from './component-store.js';
import type { LoadOptions, RecordSink } from './loader.js';
import { valueAt } from './pointer.js';

/** Whether what a finding is about is not known before a lookup is resolved. */
export function isAboutLookup(record: object, { pointer }: Finding): boolean {
  const value = valueAt(record, pointer);
  return typeof value === 'string' && holdsLookup(value);
}

/** Where nothing may be looked up (`sluice validate`): records keep their lookups, and all is checked but the values that these stand for. */
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
      ([origin, records]) => [origin, records.map((checked) => this.checked(checked))] as const,
    );
    return this.sink.apply({ ...change, replaced: new Map(units) }, options);
  }

  private checked(checked: CheckedRecord): CheckedRecord {
    const { unresolved } = checked;
    if (unresolved === undefined) return checked;
    const fields = structuredClone(unresolved);
    const result = resolvedRecord(checked, { fields, problems: [], gatewayId: this.gatewayId });
    const findings = result.findings.filter((finding) => !isAboutLookup(fields, finding));
    const isFaulty = findings.some(({ severity }) => severity === 'fault');
    return { ...result, findings, record: isFaulty ? null : fields };
  }
}
