import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ComponentKind } from '../../contracts/records.js';

/** One record as it is stored: secrets sealed, lookups as they were written. Version and time are the database's own (migrations/). */
@Entity({ name: 'components' })
export class ComponentEntity {
  @PrimaryColumn({ type: 'text' })
  kind: ComponentKind;

  @PrimaryColumn({ type: 'text' })
  id: string;

  @Column({ type: 'json' })
  data: Record<string, unknown>;

  /** Grows with each write of any record. Text, since it may pass what a number holds. */
  @Column({ type: 'bigint', insert: false, update: false })
  version: string;

  @Column({ name: 'updated_at', type: 'timestamptz', insert: false, update: false })
  updatedAt: Date;
}
