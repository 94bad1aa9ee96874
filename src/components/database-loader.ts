import type { DataSource, EntityManager } from 'typeorm';
import { COMPONENT_KINDS } from '../contracts/records.js';
import { openRecord } from '../secrets/seal-record.js';
import { type SecretBox, UnopenableSeal } from '../secrets/secret-box.js';
import { Slices } from './breathe.js';
import { type CheckedRecord, checkRecord } from './check/check-record.js';
import type { Members } from './check/members.js';
import { findingOf } from './check/record-check.js';
import { prepareChecks } from './check/record-kinds.js';
import type { SourceChange } from './component-store.js';
import { CHANGES, type ListedRecord, type StoredRecord, storedRecords } from './database/stored-records.js';
import { LookAgain } from './look-again.js';
import type { Log } from './load-log.js';
import type { Loader, RecordSink } from './loader.js';
import { RetryDelay } from './retry-delay.js';

/** What the loader needs of the database. */
export interface ComponentDatabase {
  readonly name: string;
  open(): Promise<DataSource>;
  listen(channel: string): Promise<void>;
  on(event: 'notification', listener: (channel: string) => void): unknown;
  on(event: 'reconnected', listener: () => void): unknown;
}

export interface DatabaseLoaderOptions {
  readonly database: ComponentDatabase;
  readonly box: SecretBox;
  readonly gatewayId: string;
  /** Ms between looks, the net under notifications; -1 never. */
  readonly refreshMs: number;
  readonly log: Log;
  /** Runs once, before the first look, when the database is open. */
  readonly prepare?: () => Promise<void>;
  /** Told what no try can mend, at the first look: the process must not start. */
  readonly gaveUp?: (error: Error) => void;
  readonly isFatal?: (error: unknown) => boolean;
}

const STAYS = 'everything stays in force';
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

const keyOf = ({ kind, id }: { readonly kind: string; readonly id: string }): string => `${kind} ${id}`;
const isSame = (known: ListedRecord | undefined, found: ListedRecord): boolean =>
  known?.version === found.version && known.writtenAt === found.writtenAt;

/** Keeps the sink in line with the components of a database: told by NOTIFY, and by a poll of the revision under it. */
export class DatabaseLoader implements Loader {
  private versions: ReadonlyMap<string, ListedRecord> = new Map();
  private state: string | null = null;
  private hasFailed = false;
  private isFirst = true;
  private isPrepared = false;
  private readonly retry = new RetryDelay(FIRST_RETRY_MS, LONGEST_RETRY_MS);
  private readonly looks = new LookAgain((options) => this.look(options));

  constructor(
    private readonly sink: RecordSink,
    private readonly options: DatabaseLoaderOptions,
  ) {}

  start(): void {
    const { database } = this.options;
    void prepareChecks();
    this.looks.start();
    database.on('notification', (channel) => {
      if (channel === CHANGES) void this.looks.now({});
    });
    database.on('reconnected', () => void this.looks.now({}));
    void this.refresh();
  }

  refresh({ acceptEmpty = false }: { readonly acceptEmpty?: boolean } = {}): Promise<void> {
    return this.looks.now({ full: true, acceptEmpty });
  }

  stop(): Promise<void> {
    return this.looks.stop();
  }

  /** Never throws; says when the next look is due. */
  private async look(options: { readonly full?: boolean; readonly acceptEmpty?: boolean }): Promise<number> {
    try {
      await this.load(options);
      if (this.hasFailed) this.options.log('info', 'The source answers again.', { source: this.options.database.name });
      this.hasFailed = false;
      this.isFirst = false;
      this.retry.reset();
      return this.options.refreshMs;
    } catch (error) {
      await this.fail(error);
      return this.retry.take();
    }
  }

  private async load({
    full = false,
    acceptEmpty = false,
  }: {
    readonly full?: boolean;
    readonly acceptEmpty?: boolean;
  }): Promise<void> {
    const startedAt = performance.now();
    const { database } = this.options;
    // Listening comes first: what changes after the look is told.
    await database.listen(CHANGES);
    const source = await database.open();
    await prepareChecks();
    if (!this.isPrepared) await this.options.prepare?.();
    this.isPrepared = true;
    const found = await source.transaction('REPEATABLE READ', (manager) => this.read(manager));
    if (found === null) {
      // Nothing changed but what lookups give, perhaps; or an empty source that is accepted now.
      // What is told of a source that was away ends with its first answer.
      if (full || this.hasFailed) await this.sink.apply({}, { full, acceptEmpty });
      return;
    }
    const { change, versions, state } = found;
    if (!(await this.sink.apply(change, { full, acceptEmpty }))) return;
    this.versions = versions;
    this.state = state;
    const changed = (change.replaced?.size ?? 0) + (change.removed?.length ?? 0);
    if (changed === 0) return;
    this.options.log('info', 'Components are loaded.', {
      source: database.name,
      records: versions.size,
      changed,
      revision: this.sink.current()?.revision,
      ms: Math.round(performance.now() - startedAt),
    });
  }

  /** What changed since the last look; null where the revision says that nothing did. */
  private async read(manager: EntityManager): Promise<{
    readonly change: SourceChange;
    readonly versions: ReadonlyMap<string, ListedRecord>;
    readonly state: string;
  } | null> {
    const state = await storedRecords.state(manager);
    if (state === this.state) return null;
    const slices = new Slices();
    const listed = await storedRecords.list(manager);
    await slices.pause();
    const versions = new Map(listed.map((record) => [keyOf(record), record]));
    const changed = listed.filter((record) => !isSame(this.versions.get(keyOf(record)), record));
    const replaced = new Map<string, readonly CheckedRecord[]>();
    for await (const batch of storedRecords.read(manager, changed)) {
      for (const stored of batch) {
        replaced.set(keyOf(stored), this.checked(stored));
        if (slices.due()) await slices.pause();
      }
    }
    const removed = [...this.versions.keys()].filter((key) => !versions.has(key));
    return { change: { replaced, removed }, versions, state };
  }

  private checked({ kind, id, text }: StoredRecord): readonly CheckedRecord[] {
    const { box, gatewayId } = this.options;
    try {
      const fields = openRecord(kind, id, JSON.parse(text) as Members, box);
      const result = checkRecord(kind, { id, data: fields }, { gatewayId });
      return result === null ? [] : [result.checked];
    } catch (error) {
      if (!(error instanceof UnopenableSeal)) throw error;
      const findings = [
        findingOf(kind, id, 'fault', { message: `A secret of the record cannot be opened: ${error.message}` }),
      ];
      return [{ kind, id, record: null, version: '', active: true, findings }];
    }
  }

  private async fail(error: unknown): Promise<void> {
    const { database, log, gaveUp, isFatal } = this.options;
    const reason = error instanceof Error ? error.message : String(error);
    if (this.isFirst && isFatal?.(error) === true) gaveUp?.(error as Error);
    if (!this.hasFailed)
      log('error', `The source cannot be read; ${STAYS}, and it is tried again.`, { source: database.name, reason });
    this.hasFailed = true;
    await this.sink.failLoad(COMPONENT_KINDS, `Components cannot be read from ${database.name} (${reason}); ${STAYS}.`);
  }
}
