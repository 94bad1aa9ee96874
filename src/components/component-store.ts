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
import { KnownGood, type LastKnownGood, type UnusableGood } from './known-good.js';
import { type Log, logFindings } from './load-log.js';
import type { LoadOptions, RecordSink } from './loader.js';
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
  /** Asked at most once, and only where the first load fails, in whole or for a record; null where there is none. */
  readonly lastKnownGood?: () => Promise<LastKnownGood | UnusableGood | null>;
  /** Told each set that is the outcome of a good load. */
  readonly loaded?: (set: ComponentSet) => void;
}

/** How loading goes. */
export interface LoadStatus {
  readonly goodLoads: number;
  readonly failedLoads: number;
  /** Of this process. */
  readonly lastGoodLoadAt: Date | null;
  /** The last load failed. */
  readonly isFailing: boolean;
  /** What is in force is the last known good of a process before. */
  readonly standsIn: boolean;
}

const NONE_HELD: ReadonlyMap<string, readonly CheckedRecord[]> = new Map();
const REPORTER = 'components';
const NOTHING =
  'The source holds no record any more; everything stays in force. If that is meant, run sluice refresh --accept-empty.';

/**
 * Holds the records in force, and the last good version of each that is at fault now. Loaders tell it what changed; it makes
 * of that one complete set after the other. Calls must not overlap: a loader awaits one before the next.
 */
export class ComponentStore implements ComponentSource, RecordSink {
  private readonly claims = new Claims();
  private readonly inForce = perKind(() => new Map<string, Component>());
  private readonly subscribers: Subscribers;
  private loadFindings: readonly Finding[] = [];
  private reported: readonly Finding[] = [];
  private set: ComponentSet | null = null;
  private readonly knownGood: KnownGood;
  /** What is in force is the last known good of a process before: no load was good yet. */
  private standsIn = false;
  private goodLoads = 0;
  private failedLoads = 0;
  private lastGoodLoadAt: Date | null = null;

  constructor(private readonly options: StoreOptions) {
    this.subscribers = new Subscribers(options.log);
    this.knownGood = new KnownGood(options.lastKnownGood);
  }

  current(): ComponentSet | null {
    return this.set;
  }

  status(): LoadStatus {
    const { goodLoads, failedLoads, lastGoodLoadAt, standsIn } = this;
    return { goodLoads, failedLoads, lastGoodLoadAt, standsIn, isFailing: this.loadFindings.length > 0 };
  }

  subscribe(listener: (set: ComponentSet) => Promise<void>): () => void {
    return this.subscribers.add(listener, this.set);
  }

  /**
   * Takes a complete and successful load over, in slices, and waits for the subscribers. False, and nothing changed, where
   * nothing at all would be left and that is not accepted.
   */
  async apply(change: SourceChange, { acceptEmpty = false }: LoadOptions = {}): Promise<boolean> {
    const held = this.hasGoodLoad ? NONE_HELD : await this.knownGood.heldBy(change.failed);
    const isEmpty = held.size === 0 && this.claims.recordsAfter(change) === 0;
    if (!acceptEmpty && isEmpty && (await this.hadRecords())) {
      await this.failLoad(COMPONENT_KINDS, NOTHING);
      return false;
    }
    const slices = new Slices();
    for (const [origin, records] of change.replaced ?? []) {
      this.claims.replace(origin, { records, failure: null });
      if (slices.due()) await slices.pause();
    }
    for (const [origin, failure] of change.failed ?? []) this.claims.fail(origin, failure, held.get(origin));
    for (const origin of change.removed ?? []) this.claims.remove(origin);
    this.loadFindings = [];
    this.goodLoads++;
    this.lastGoodLoadAt = new Date();
    const changed = await this.settle(slices);
    if (this.standsIn) this.dropUnclaimed(changed);
    this.standsIn = false;
    await this.publish(changed, slices);
    if (this.set !== null) this.options.loaded?.(this.set);
    return true;
  }

  /** What of the last known good the source does not hold any more. */
  private dropUnclaimed(changed: Set<ComponentKind>): void {
    for (const kind of COMPONENT_KINDS) {
      for (const id of this.inForce[kind].keys()) {
        if (this.claims.has(kind, id)) continue;
        this.inForce[kind].delete(id);
        changed.add(kind);
      }
    }
  }

  private async hadRecords(): Promise<boolean> {
    return this.hasGoodLoad ? this.claims.records > 0 : (await this.knownGood.read()).components.length > 0;
  }

  /** What is in force came from the source, in this process. */
  private get hasGoodLoad(): boolean {
    return this.set !== null && !this.standsIn;
  }

  /** A load that failed as a whole, or for these kinds: everything stays in force, and the fault is reported, once for all of them. */
  async failLoad(kinds: readonly ComponentKind[], message: string, file?: string): Promise<void> {
    this.failedLoads++;
    const changed = new Set<ComponentKind>();
    const known = this.hasGoodLoad ? null : await this.knownGood.read();
    if (this.set === null && known?.savedAt !== undefined) {
      this.standsIn = true;
      for (const component of known.components) {
        this.inForce[component.kind].set(component.id, component);
        changed.add(component.kind);
      }
    }
    const text = known === null ? message : `${message}${known.remark}`;
    // One failure is one finding: whoever reads it is to mend one thing.
    const [kind = 'system', ...others] = kinds;
    const concerned = others.length === 0 ? '' : ` It concerns ${[kind, ...others].join(', ')}.`;
    this.loadFindings = [findingOf(kind, '*', 'fault', { message: text + concerned, file })];
    await this.publish(changed, new Slices());
  }

  /** Brings what is in force in line with the claims that changed. */
  private async settle(slices: Slices): Promise<Set<ComponentKind>> {
    const changed = new Set<ComponentKind>();
    const isFirst = this.set === null;
    for (const { kind, id } of this.claims.takeTouched()) {
      const before = this.inForce[kind].get(id);
      let after = this.claims.resolve(kind, id, before);
      // A record that is at fault at the start may have been good in a process before.
      if (isFirst && after?.record === null) after = this.claims.resolve(kind, id, await this.knownGood.find(kind, id));
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
    // Before the first complete load there is nothing that could stay in force, unless a process before left something.
    if (this.set === null && this.loadFindings.length > 0 && !this.standsIn) return;
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
