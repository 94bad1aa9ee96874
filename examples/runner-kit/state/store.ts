import type { JsonObject } from '../json.js';
import { matches } from './filter.js';
import { compareValues } from './order.js';
import type { ListQuery } from './query.js';
import { valueAt, type StoredRecord } from './record.js';

/**
 * Where a state keeps its records. Write one for your database; `selectRecords` answers a list query over records in memory.
 * Numbers that JavaScript would rewrite stand in the data as `JSON.rawJSON` objects, which `JSON.stringify` writes as they came.
 */
export interface Store {
  /** The records that a query asks for, whole: its `fields` are cut out afterwards. */
  list(query: ListQuery): Promise<readonly StoredRecord[]>;
  get(id: string): Promise<StoredRecord | null>;
  /**
   * Calls `change` once with the data in force (null: no such record) and stores what it returns (null: removes the record), with
   * nothing in between. What `change` throws is thrown, and nothing is stored. Resolved when the change will outlive a crash.
   */
  change(id: string, change: Change): Promise<void>;
  /** Waits for what is under way. */
  close?(): Promise<void>;
}
export type Change = (before: JsonObject | null) => JsonObject | null;

/** Records in the order in which they were made. */
export type Records = Map<string, JsonObject>;

export function applyChange(records: Records, id: string, change: Change): void {
  const after = change(records.get(id) ?? null);
  if (after === null) records.delete(id);
  else records.set(id, after);
}

export function recordIn(records: Records, id: string): StoredRecord | null {
  const data = records.get(id);
  return data === undefined ? null : { id, data };
}

/** Filters, then orders, then pages. */
export function selectRecords(records: Records, { ids, filters, orderBy, skip, limit }: ListQuery): StoredRecord[] {
  const found = [...records]
    .map(([id, data]) => ({ id, data }))
    .filter((record) => ids === null || ids.has(record.id))
    .filter((record) => filters.every((filter) => matches(record, filter)));
  for (const { path, isDescending } of orderBy.toReversed()) {
    found.sort((left, right) => compareValues(valueAt(left, path), valueAt(right, path), isDescending));
  }
  return found.slice(skip, skip + limit);
}

/** Records that live as long as the process. */
export function memoryStore(): Store {
  const records: Records = new Map();
  return {
    list: async (query) => selectRecords(records, query),
    get: async (id) => recordIn(records, id),
    change: async (id, change) => applyChange(records, id, change),
  };
}
