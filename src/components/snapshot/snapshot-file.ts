/** The file of the last known good snapshot (spec/settings.md, "config.snapshot.path"): what it holds, writing, reading. */
export type { Snapshot } from './snapshot-format.js';
export { readSnapshot, type SnapshotReader, type SnapshotReading } from './read-snapshot.js';
export { SnapshotTooLarge, writeSnapshot } from './write-snapshot.js';
