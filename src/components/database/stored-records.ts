import type { EntityManager } from 'typeorm';
import type { ComponentKind } from '../../contracts/records.js';

/** One record of the database, without what it says. */
export interface ListedRecord {
  readonly kind: ComponentKind;
  readonly id: string;
  readonly version: string;
  /** When it was written. Beside the version, since a database that lost its last writes (a failover, a backup) counts from before them. */
  readonly writtenAt: string;
}

export interface StoredRecord extends ListedRecord {
  /** The text of its fields as it is stored: secrets sealed. */
  readonly text: string;
}

export interface RecordToStore {
  readonly kind: ComponentKind;
  readonly id: string;
  readonly fields: object;
}

/** Channel on which the database tells that components changed (migrations/). */
export const CHANGES = 'sluice_components';
const BATCH = 200;

/** The components in the database. Every function works in the transaction whose manager it is given. */
export const storedRecords = {
  /** Grows with every transaction that changed a record. */
  async revision(manager: EntityManager): Promise<string> {
    const rows: { revision: string }[] = await manager.query('SELECT revision FROM component_revision');
    return rows[0]?.revision ?? '0';
  },

  /** Differs from every other state that the table ever had, also from states that were lost. */
  async state(manager: EntityManager): Promise<string> {
    const rows: { state: string }[] = await manager.query(
      `SELECT revision || ' of ' || updated_at AS state FROM component_revision`,
    );
    return rows[0]?.state ?? '';
  },

  async list(manager: EntityManager): Promise<readonly ListedRecord[]> {
    return manager.query(`SELECT kind, id, version, updated_at::text AS "writtenAt" FROM components ORDER BY kind, id`);
  },

  /** Records of these places that are still there, in batches of bounded size. */
  async *read(manager: EntityManager, places: readonly ListedRecord[]): AsyncIterable<readonly StoredRecord[]> {
    for (let from = 0; from < places.length; from += BATCH) {
      const batch = places.slice(from, from + BATCH);
      yield await manager.query(
        `SELECT kind, id, version, updated_at::text AS "writtenAt", data::text AS text FROM components
           JOIN unnest($1::text[], $2::text[]) AS wanted(kind, id) USING (kind, id)`,
        [batch.map(({ kind }) => kind), batch.map(({ id }) => id)],
      );
    }
  },

  /** Writes records, new ones and others; what is stored already in the same words keeps its version. */
  async write(manager: EntityManager, records: readonly RecordToStore[]): Promise<void> {
    for (let from = 0; from < records.length; from += BATCH) {
      const batch = records.slice(from, from + BATCH);
      await manager.query(
        `INSERT INTO components (kind, id, data)
           SELECT kind, id, data::json FROM unnest($1::text[], $2::text[], $3::text[]) AS given(kind, id, data)
         ON CONFLICT (kind, id) DO UPDATE SET data = EXCLUDED.data WHERE components.data::text <> EXCLUDED.data::text`,
        [batch.map(({ kind }) => kind), batch.map(({ id }) => id), batch.map(({ fields }) => JSON.stringify(fields))],
      );
    }
  },

  async remove(
    manager: EntityManager,
    places: readonly { readonly kind: ComponentKind; readonly id: string }[],
  ): Promise<void> {
    if (places.length === 0) return;
    await manager.query(
      `DELETE FROM components USING unnest($1::text[], $2::text[]) AS gone(kind, id)
        WHERE components.kind = gone.kind AND components.id = gone.id`,
      [places.map(({ kind }) => kind), places.map(({ id }) => id)],
    );
  },
} as const;
