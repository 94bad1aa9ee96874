/** An address at which one instance of a backend may be reached. */
export interface InstanceAddress {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Share of the load beside its equals: 1 and more. */
  readonly weight: number;
  /** Those of the lowest number serve as long as one of them can (RFC 2782). */
  readonly priority: number;
}

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
