import type {
  ComponentEdits,
  DumpedComponents,
  EditOptions,
  EditOutcome,
  GivenRecord,
} from '../../src/components/database/component-edits.js';
import type { ComponentControl, RefreshOutcome, ShownComponent } from '../../src/contracts/component-control.js';
import type { ComponentKind } from '../../src/contracts/records.js';

/** What is in force, told by the test. Remembers what it was asked for. */
export class FakeControl implements ComponentControl {
  readonly refreshes: unknown[] = [];
  outcome: RefreshOutcome = {
    revision: 7,
    components: { system: 2, channel: 1, service: 0, token: 0 },
    findings: [],
  };
  shown: readonly ShownComponent[] = [];
  failure: Error | null = null;

  show(component: ComponentKind, id: string): readonly ShownComponent[] | null {
    const found = this.shown.filter((shown) => shown.component === component && (id === '*' || shown.id === id));
    return found.length === 0 && id !== '*' ? null : found;
  }

  refresh(options?: { readonly acceptEmpty?: boolean }): Promise<RefreshOutcome> {
    this.refreshes.push(options);
    return this.failure === null ? Promise.resolve(this.outcome) : Promise.reject(this.failure);
  }
}

export const NOTHING_DUMPED: DumpedComponents = { systems: [], channels: [], services: [], tokens: [] };

/** A database, told by the test. Remembers what it was given. */
export class FakeEdits implements ComponentEdits {
  readonly applied: { records: readonly GivenRecord[]; options: EditOptions | undefined }[] = [];
  outcome: EditOutcome = { state: 'done', changes: [], unchanged: 0, findings: [] };
  dumped: DumpedComponents = NOTHING_DUMPED;
  failure: Error | null = null;

  apply(records: readonly GivenRecord[], options?: EditOptions): Promise<EditOutcome> {
    if (this.failure !== null) return Promise.reject(this.failure);
    this.applied.push({ records, options });
    return Promise.resolve(this.outcome);
  }

  dump(): Promise<DumpedComponents> {
    return this.failure === null ? Promise.resolve(this.dumped) : Promise.reject(this.failure);
  }

  reencrypt(): Promise<number> {
    return this.failure === null ? Promise.resolve(3) : Promise.reject(this.failure);
  }
}
