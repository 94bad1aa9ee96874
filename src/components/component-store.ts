import type {
  Component,
  ComponentMap,
  ComponentSet,
  ComponentSource,
  Finding,
  FindingBoard,
} from '../contracts/components.js';
import { COMPONENT_KINDS, type ComponentKind } from '../contracts/records.js';
import { Slices } from './breathe.js';
import type { CheckedRecord } from './check/check-record.js';
import { findingOf } from './check/record-check.js';
import { Claims, type UnitFailure } from './claims.js';
import { diffFindings } from './finding-board.js';
import { type Log, logFindings } from './load-log.js';
import { Subscribers } from './subscribers.js';

/** What changed at a source since the last load. A unit is what a source reads at once: a file, a row, a page. */
export interface SourceChange {
  readonly replaced?: ReadonlyMap<string, readonly CheckedRecord[]>;
  /** Units that are there and cannot be read: what they held stays. */
  readonly failed?: ReadonlyMap<string, UnitFailure>;
  readonly removed?: readonly string[];
}

export interface StoreOptions {
  readonly board: FindingBoard;
  readonly log: Log;
}

const REPORTER = 'components';
const NOTHING = 'The source holds no record any more; everything stays in force.';

/**
 * Holds the records in force, and the last good version of each that is at fault now. Loaders tell it what changed; it makes
 * of that one complete set after the other. Calls must not overlap: a loader awaits one before the next.
 */
export class ComponentStore implements ComponentSource {
  private readonly claims = new Claims();
  private readonly inForce = perKind(() => new Map<string, Component>());
  private readonly subscribers: Subscribers;
  private loadFindings: readonly Finding[] = [];
  private reported: readonly Finding[] = [];
  private set: ComponentSet | null = null;

  constructor(private readonly options: StoreOptions) {
    this.subscribers = new Subscribers(options.log);
  }

  current(): ComponentSet | null {
    return this.set;
  }

  subscribe(listener: (set: ComponentSet) => Promise<void>): () => void {
    return this.subscribers.add(listener, this.set);
  }

  /**
   * Takes a complete and successful load over, in slices, and waits for the subscribers. False, and nothing changed, where
   * nothing at all would be left.
   */
  async apply(change: SourceChange): Promise<boolean> {
    if (this.claims.recordsAfter(change) === 0 && this.claims.records > 0) {
      await this.failLoad(COMPONENT_KINDS, NOTHING);
      return false;
    }
    const slices = new Slices();
    for (const [origin, records] of change.replaced ?? []) {
      this.claims.replace(origin, { records, failure: null });
      if (slices.due()) await slices.pause();
    }
    for (const [origin, failure] of change.failed ?? []) this.claims.fail(origin, failure);
    for (const origin of change.removed ?? []) this.claims.remove(origin);
    this.loadFindings = [];
    const changed = await this.settle(slices);
    await this.publish(changed, slices);
    return true;
  }

  /** A load that failed as a whole, or for these kinds: everything stays in force, and the fault is reported. */
  async failLoad(kinds: readonly ComponentKind[], message: string, file?: string): Promise<void> {
    this.loadFindings = kinds.map((kind) => findingOf(kind, '*', 'fault', { message, file }));
    await this.publish(new Set(), new Slices());
  }

  /** Brings what is in force in line with the claims that changed. */
  private async settle(slices: Slices): Promise<ReadonlySet<ComponentKind>> {
    const changed = new Set<ComponentKind>();
    for (const { kind, id } of this.claims.takeTouched()) {
      const before = this.inForce[kind].get(id);
      const after = this.claims.resolve(kind, id, before);
      if (after === before) continue;
      if (after === undefined) this.inForce[kind].delete(id);
      else this.inForce[kind].set(id, after);
      changed.add(kind);
      if (slices.due()) await slices.pause();
    }
    return changed;
  }

  private async publish(changed: ReadonlySet<ComponentKind>, slices: Slices): Promise<void> {
    const findings = [...this.loadFindings, ...this.claims.findings()];
    await slices.pause();
    this.options.board.replace(REPORTER, findings);
    await slices.pause();
    const sameFindings = this.logFindings(findings);
    // Before the first complete load there is nothing that could stay in force.
    if (this.set === null && this.loadFindings.length > 0) return;
    if (this.set !== null && changed.size === 0 && sameFindings) return;
    const before = this.set?.records;
    const records = perKind((kind): ComponentMap<ComponentKind> =>
      before === undefined || changed.has(kind) ? new Map(this.inForce[kind]) : before[kind],
    );
    this.set = { revision: (this.set?.revision ?? 0) + 1, records: records as ComponentSet['records'], findings };
    await this.subscribers.tell(this.set);
  }

  /** Whether they are the same as before. */
  private logFindings(findings: readonly Finding[]): boolean {
    const diff = diffFindings(this.reported, findings);
    this.reported = findings;
    logFindings(this.options.log, diff);
    return diff.fresh.length === 0 && diff.gone.length === 0;
  }
}

function perKind<T>(make: (kind: ComponentKind) => T): Record<ComponentKind, T> {
  return Object.fromEntries(COMPONENT_KINDS.map((kind) => [kind, make(kind)])) as Record<ComponentKind, T>;
}
