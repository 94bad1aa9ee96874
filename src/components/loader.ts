import type { ComponentSet } from '../contracts/components.js';
import type { ComponentKind } from '../contracts/records.js';
import type { SourceChange } from './component-store.js';

export interface LoadOptions {
  /** The look was at the whole source: what lookups give is asked anew for all records. */
  readonly full?: boolean;
  /** A source without any record where there were some is believed (`sluice refresh --accept-empty`). */
  readonly acceptEmpty?: boolean;
}

/** Where a loader puts what it read. Calls must not overlap: a loader awaits one before the next. */
export interface RecordSink {
  /** Takes a complete and successful load over. False, and nothing changed, where nothing at all would be left. */
  apply(change: SourceChange, options?: LoadOptions): Promise<boolean>;
  /** A load that failed as a whole, or for these kinds: everything stays in force, and the fault is reported. */
  failLoad(kinds: readonly ComponentKind[], message: string, file?: string): Promise<void>;
  current(): ComponentSet | null;
}

/** Keeps a sink in line with one source (spec/components.md, "Loading"). */
export interface Loader {
  /** Begins the first load and goes on watching; returns at once. */
  start(): void;
  /** Looks at the whole source; settles when what was found is in force. Never throws: what fails is reported. */
  refresh(options?: { readonly acceptEmpty?: boolean }): Promise<void>;
  /** Settles when nothing of it runs any more. */
  stop(): Promise<void>;
}
