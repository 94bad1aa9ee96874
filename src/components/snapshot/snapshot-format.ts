import type { Component } from '../../contracts/components.js';
import { COMPONENT_KINDS } from '../../contracts/records.js';

/**
 * A snapshot is a text of lines: a header in clear, then sealed JSON lists of components, then a sealed end. Each sealed line is
 * bound to its place, and the end to every byte before it: what was cut, left out, exchanged or moved in from elsewhere is found out.
 */
export const SNAPSHOT_FORMAT = 1;
export const SNAPSHOT_PRODUCT = 'sluice';
/** Characters of a list before it is sealed: one takes less than a millisecond. A component that is longer goes alone. */
export const CHUNK_LENGTH = 64 * 1024;
export const LONGEST_LINE_BYTES = 16 * 1024 * 1024;
export const LARGEST_SNAPSHOT_BYTES = 256 * 1024 * 1024;

export interface Snapshot {
  readonly gatewayId: string;
  readonly savedAt: Date;
  /** Those without a record are left out. */
  readonly components: readonly Component[];
}

/** The first line. Anyone may read it, so that nothing in it is secret. */
export interface SnapshotHeader {
  readonly format: number;
  readonly product: string;
  readonly gateway: string;
  /** ISO 8601. */
  readonly savedAt: string;
  /** Fingerprint of the key that sealed the other lines. */
  readonly key: string;
  readonly records: number;
}

/** The last line. */
export interface SnapshotEnd {
  readonly chunks: number;
  /** Of all bytes before this line. */
  readonly sha256: string;
}

/** What a line is sealed with. The end counts on from the last chunk. */
export const contextOf = (savedAt: string, index: number): string => `snapshot/${savedAt}/${index}`;

export function isHeader(value: object): value is SnapshotHeader {
  const { gateway, savedAt, key, records } = value as Partial<SnapshotHeader>;
  return (
    typeof gateway === 'string' &&
    typeof savedAt === 'string' &&
    !Number.isNaN(Date.parse(savedAt)) &&
    typeof key === 'string' &&
    Number.isSafeInteger(records)
  );
}

/** Only the frame: the record passed its schema before it was sealed. */
export function isComponent(value: unknown): value is Component {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, id, version, active, record } = value as Partial<Component>;
  return (
    (COMPONENT_KINDS as readonly unknown[]).includes(kind) &&
    typeof id === 'string' &&
    typeof version === 'string' &&
    typeof active === 'boolean' &&
    typeof record === 'object' &&
    record !== null
  );
}
