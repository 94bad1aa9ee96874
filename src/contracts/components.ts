import type { ComponentKind, RecordOf } from './records.js';

/** A mistake in a record: a value, never an exception. Shown by `sluice validate`, log, metrics and health details. */
export interface Finding {
  readonly kind: ComponentKind;
  readonly id: string;
  /** A fault keeps the record (or the part that the pointer names) out of force; a warning does not. */
  readonly severity: 'fault' | 'warning';
  /** JSON pointer (RFC 6901) into the record's fields; empty for the whole record. */
  readonly pointer: string;
  /** Wire code of spec/runner-contract.md: 17001 for channels and systems, 17003 for services and tokens. */
  readonly code: number;
  /** What is wrong, what was expected, what to do. Never holds a secret's value. */
  readonly message: string;
  /** Where the source keeps the record, if it is a file: path, and 1-based line where it is known. */
  readonly file?: string;
  readonly line?: number;
}

/**
 * One stored record as it stands in force. Immutable, and the same object for as long as nothing of it changed:
 * who compiles compares references. `record` is null where the record is faulty and never was good.
 */
export interface Component<K extends ComponentKind = ComponentKind> {
  readonly kind: K;
  readonly id: string;
  /** Changes with the content: a digest of it. */
  readonly version: string;
  readonly record: RecordOf[K] | null;
  /** The record as it is stored, where it holds lookups: what people are shown. */
  readonly stored?: RecordOf[K];
  /** False for another status than ACTIVE, or for other gateways: kept, shown, not used. */
  readonly active: boolean;
  readonly file?: string;
}

export type ComponentMap<K extends ComponentKind> = ReadonlyMap<string, Component<K>>;

/** Everything that a source gave at one moment, complete. */
export interface ComponentSet {
  /** Grows by one with each set that differs from the last. */
  readonly revision: number;
  readonly records: { readonly [K in ComponentKind]: ComponentMap<K> };
  readonly findings: readonly Finding[];
}

export interface ComponentSource {
  /** The set in force, or null until the first complete load. */
  current(): ComponentSet | null;
  /**
   * Calls the listener with each new set, one at a time and in order; the next waits until its promise is settled.
   * Where a set is there already, the listener gets it first. Returns what ends the subscription.
   */
  subscribe(listener: (set: ComponentSet) => Promise<void>): () => void;
}
export const COMPONENT_SOURCE = Symbol('ComponentSource');

/** A finding with the moment (ISO 8601) at which it was first seen. */
export interface StandingFinding extends Finding {
  readonly since: string;
}

/** What is wrong with the configuration right now. Whoever checks something replaces its own list as a whole. */
export interface FindingBoard {
  replace(reporter: string, findings: readonly Finding[]): void;
  standing(): readonly StandingFinding[];
}
export const FINDING_BOARD = Symbol('FindingBoard');
