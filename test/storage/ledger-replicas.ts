import type { DataSource } from 'typeorm';
import type { Broadcast, Gap } from '../../src/contracts/broadcast.js';
import type { JsonObject } from '../../src/contracts/json.js';
import { AesSecretBox } from '../../src/secrets/aes-secret-box.js';
import type { QueriedDatabase } from '../../src/storage/bounded-store.js';
import { StoredTokenLedger } from '../../src/tokens/ledger/stored-token-ledger.js';
import { tokenDigest } from '../../src/tokens/ledger/token-digest.js';
import type { OpenDatabase } from './built.js';
import { KEY, type DatabasePlace } from './database-place.js';

/** Brings what one says to all, until it is cut. */
export class Ether {
  isCut = false;
  private readonly everybody = new Set<Map<string, Set<(message: JsonObject) => void>>>();
  private readonly gapListeners = new Set<(gap: Gap) => void>();

  broadcast(): Broadcast {
    const own = new Map<string, Set<(message: JsonObject) => void>>();
    this.everybody.add(own);
    return {
      publish: async (topic, message) => {
        for (const each of this.everybody)
          if (each === own || !this.isCut) for (const listener of each.get(topic) ?? []) listener(message);
      },
      subscribe: (topic, listener) => {
        const listeners = own.get(topic) ?? new Set();
        own.set(topic, listeners.add(listener));
        return () => void listeners.delete(listener);
      },
      onGap: (listener) => {
        this.gapListeners.add(listener);
        return () => void this.gapListeners.delete(listener);
      },
    };
  }
}

/** The database of one replica, which a test may take away from it. */
export class Reach implements QueriedDatabase {
  isAway = false;

  constructor(private readonly database: OpenDatabase) {}

  async open(): Promise<{ query(sql: string, values?: unknown[]): Promise<unknown> }> {
    this.check();
    const source = await this.database.open();
    return {
      query: (sql, values) => {
        this.check();
        return source.query(sql, values);
      },
    };
  }

  private check(): void {
    if (this.isAway) throw new Error('away');
  }
}

export interface LedgerReplica {
  readonly ledger: StoredTokenLedger;
  readonly reach: Reach;
}

/** Replicas of one gateway on one database. */
export class LedgerReplicas {
  readonly ether = new Ether();
  private readonly ledgers = new Set<StoredTokenLedger>();
  private readonly databases = new Set<OpenDatabase>();

  constructor(private readonly place: DatabasePlace) {}

  /** The embedded database is one process' own: there replicas are ledgers beside each other. */
  async add({ key = KEY, isAway = false } = {}): Promise<LedgerReplica> {
    const [first] = this.databases;
    const database = this.place.isShared ? this.place.open() : (first ?? this.place.open());
    this.databases.add(database);
    const reach = Object.assign(new Reach(database), { isAway });
    const box = new AesSecretBox([key]);
    const ledger = new StoredTokenLedger({
      ...{ database: reach, box, broadcast: this.ether.broadcast(), isShared: true },
      ...{ mayHoldSome: () => true, log: () => undefined },
    });
    this.ledgers.add(ledger);
    await ledger.start();
    return { ledger, reach };
  }

  async stop({ ledger }: LedgerReplica): Promise<void> {
    this.ledgers.delete(ledger);
    await ledger.stop();
  }

  async source(): Promise<DataSource> {
    const [first] = this.databases;
    return (first ?? this.place.open()).open();
  }

  async close(): Promise<void> {
    await Promise.all([...this.ledgers].map((ledger) => ledger.stop()));
    await Promise.all([...this.databases].map((database) => database.close()));
  }
}

export const HOUR_MS = 3_600_000;
export const facts = (content = '{"sub":"ann"}') => ({
  ...{ tokenKind: 'shop', begunAtMs: Date.now(), endsAtMs: Date.now() + HOUR_MS, content },
});
/** As base64url of 43 characters. */
export const digestOf = (name: string): string => tokenDigest(name);
