import type { InstanceAddress } from '../../../contracts/read-instances.js';

export type { InstanceAddress } from '../../../contracts/read-instances.js';

export interface InstanceListener {
  /** The instances from now on: each list that differs from the one before. An empty one says that there is none. */
  found(addresses: readonly InstanceAddress[]): void;
  /** A look that failed: what was found before stays. Said once until a look succeeds again. */
  failed(reason: string): void;
  /** The first look that succeeds after one that failed, also where it finds what was known. */
  recovered(): void;
}

/** Where the instances of one backend are found. */
export interface InstanceSource {
  /** Begins to look, once; answers come until `close`. */
  watch(listener: InstanceListener): void;
  /** Nothing is told any more, and nothing is left open. */
  close(): void;
}
