import type { ComponentSet } from '../contracts/components.js';
import type { ComponentKind } from '../contracts/records.js';
import type { LookupResolver, LookupSession } from '../lookups/lookup-resolver.js';
import { hasEphemeralLookup } from '../lookups/parse-lookup.js';
import { Slices } from './breathe.js';
import { type CheckedRecord, resolvedRecord } from './check/check-record.js';
import type { Members } from './check/members.js';
import type { SourceChange } from './component-store.js';
import type { LoadOptions, RecordSink } from './loader.js';

interface Unit {
  /** As the loader gave them. */
  readonly records: readonly CheckedRecord[];
  /** What came of them last: tells whether lookups give something else now. */
  readonly outcome: string;
  readonly isEphemeral: boolean;
}

/**
 * Stands between a loader and the store: resolves the lookups of records, of those that came, and with each full look of all that
 * hold some, so that a value that changed where it is kept comes into force.
 */
export class LookupStage implements RecordSink {
  private readonly units = new Map<string, Unit>();
  private ephemeral = 0;

  constructor(
    private readonly sink: RecordSink,
    private readonly options: { readonly resolver: LookupResolver; readonly gatewayId: string },
  ) {}

  current(): ComponentSet | null {
    return this.sink.current();
  }

  failLoad(kinds: readonly ComponentKind[], message: string, file?: string): Promise<void> {
    return this.sink.failLoad(kinds, message, file);
  }

  async apply(change: SourceChange, options: LoadOptions = {}): Promise<boolean> {
    const session = this.options.resolver.session();
    const slices = new Slices();
    const replaced = new Map(change.replaced);
    const next = new Map<string, Unit | null>();
    for (const origin of change.removed ?? []) next.set(origin, null);
    for (const [origin, records] of change.replaced ?? []) {
      next.set(origin, null);
      if (!records.some(({ unresolved }) => unresolved !== undefined)) continue;
      const resolved = await this.resolve(records, session, slices);
      replaced.set(origin, resolved);
      next.set(origin, { records, outcome: outcomeOf(resolved), isEphemeral: records.some(isEphemeral) });
    }
    if (options.full === true) {
      for (const [origin, { records, outcome, isEphemeral }] of this.units) {
        if (next.has(origin)) continue;
        const resolved = await this.resolve(records, session, slices);
        const now = outcomeOf(resolved);
        if (now === outcome) continue;
        replaced.set(origin, resolved);
        next.set(origin, { records, outcome: now, isEphemeral });
      }
    }
    const isTaken = await this.sink.apply({ ...change, replaced }, options);
    if (isTaken) this.settle(next);
    return isTaken;
  }

  /** Whether any record holds an ephemeral lookup. */
  get holdsEphemeral(): boolean {
    return this.ephemeral > 0;
  }

  private settle(next: ReadonlyMap<string, Unit | null>): void {
    for (const [origin, unit] of next) {
      this.ephemeral += Number(unit?.isEphemeral ?? false) - Number(this.units.get(origin)?.isEphemeral ?? false);
      if (unit === null) this.units.delete(origin);
      else this.units.set(origin, unit);
    }
  }

  private async resolve(
    records: readonly CheckedRecord[],
    session: LookupSession,
    slices: Slices,
  ): Promise<readonly CheckedRecord[]> {
    const resolved: CheckedRecord[] = [];
    for (const checked of records) {
      if (checked.unresolved === undefined) {
        resolved.push(checked);
        continue;
      }
      const { value, problems } = await session.resolve(checked.unresolved);
      const { gatewayId } = this.options;
      resolved.push(resolvedRecord(checked, { fields: value as Members, problems, gatewayId }));
      if (slices.due()) await slices.pause();
    }
    return resolved;
  }
}

function outcomeOf(records: readonly CheckedRecord[]): string {
  return records
    .map(({ version, record, findings }) =>
      [version, record === null, ...findings.map(({ message }) => message)].join('\n'),
    )
    .join('\n\n');
}

const isEphemeral = ({ unresolved }: CheckedRecord): boolean =>
  unresolved !== undefined && hasEphemeralLookup(JSON.stringify(unresolved));
