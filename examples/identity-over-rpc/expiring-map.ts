export interface ExpiringMapOptions {
  readonly ttlMs: number;
  readonly maxEntries: number;
  /** Epoch ms. */
  readonly now: () => number;
}

interface Entry<V> {
  readonly value: V;
  /** Epoch ms. */
  readonly expire: number;
}

/** Entries that live for one and the same time. When it is full, the one that would end first makes room. */
export class ExpiringMap<V> {
  // One time to live for all, and a written entry goes to the end: the order of the map is the order of expiry.
  private readonly entries = new Map<string, Entry<V>>();

  constructor(private readonly options: ExpiringMapOptions) {}

  get size(): number {
    this.sweep();
    return this.entries.size;
  }

  get(key: string): V | undefined {
    return this.entry(key)?.value;
  }

  /** The value with the time at which it ends. */
  entry(key: string): Entry<V> | undefined {
    this.sweep();
    return this.entries.get(key);
  }

  /** Writes the entry and starts its time anew. */
  set(key: string, value: V): Entry<V> {
    this.sweep();
    this.entries.delete(key);
    const [oldest] = this.entries.keys();
    if (oldest !== undefined && this.entries.size >= this.options.maxEntries) this.entries.delete(oldest);
    const entry = { value, expire: this.options.now() + this.options.ttlMs };
    this.entries.set(key, entry);
    return entry;
  }

  delete(key: string): boolean {
    return this.entries.delete(key);
  }

  private sweep(): void {
    const now = this.options.now();
    for (const [key, { expire }] of this.entries) {
      if (expire > now) return;
      this.entries.delete(key);
    }
  }
}
