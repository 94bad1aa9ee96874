import { BucketEntry } from './bucket-entry.js';
import type { BucketSpec, ChargedBucket } from './bucket-spec.js';

/** Entries of all links of a process, counted together. */
export class TableBound {
  young = 0;
  old = 0;
  readonly tables = new Set<BucketTable>();

  constructor(private readonly mostEntries: number) {}

  get hasRoom(): boolean {
    return this.young < Math.max(1, this.mostEntries / 2);
  }

  get size(): number {
    return this.young + this.old;
  }

  /** Called before each entry that is added. */
  makeRoom(): void {
    if (this.hasRoom) return;
    // What is dropped so is dropped with the tokens that it had: whoever floods us must not make us work for it.
    for (const table of this.tables) table.age(null);
    this.aged();
  }

  /** All tables have aged by a generation. */
  aged(): void {
    this.old = this.young;
    this.young = 0;
  }
}

/** The buckets of one limit, in two generations: nothing is deleted one by one. */
class Family {
  young = new Map<string, BucketEntry>();
  old = new Map<string, BucketEntry>();

  constructor(public spec: BucketSpec) {}
}

/** The buckets of one link, by the content of their limits: they outlast reloads. */
export class BucketTable {
  private readonly families = new Map<string, Family>();
  private cursor: Iterator<readonly [BucketSpec, BucketEntry]> | null = null;

  constructor(private readonly bound: TableBound) {
    bound.tables.add(this);
  }

  entryOf({ spec, who }: ChargedBucket, now: number): BucketEntry {
    const family = this.families.get(spec.key) ?? this.familyOf(spec);
    const entry = family.young.get(who);
    if (entry !== undefined) return entry;
    // A reload may have changed how its tokens are leased.
    family.spec = spec;
    return this.keep(family, family.old.get(who) ?? new BucketEntry(who, spec.key, Math.floor(now * 1000)));
  }

  /**
   * Drops what was used in neither of the last two generations, but for what is still worth keeping. @param keeps null: nothing is
   */
  age(keeps: ((spec: BucketSpec, entry: BucketEntry) => boolean) | null): void {
    this.cursor = null;
    for (const [key, family] of this.families) {
      const { young, old, spec } = family;
      family.old = young;
      family.young = new Map();
      if (keeps !== null) {
        for (const entry of old.values()) {
          if (young.has(entry.who) || !this.bound.hasRoom || !keeps(spec, entry)) continue;
          young.set(entry.who, entry);
          this.bound.young++;
        }
      }
      if (young.size === 0) this.families.delete(key);
    }
  }

  /** The next so many entries; all of them in turn. */
  visit(most: number, visitor: (spec: BucketSpec, entry: BucketEntry) => void): void {
    this.cursor ??= this.all();
    for (let count = 0; count < most; count++) {
      const next = this.cursor.next();
      if (next.done === true) {
        this.cursor = null;
        return;
      }
      visitor(...next.value);
    }
  }

  *all(): Generator<readonly [BucketSpec, BucketEntry]> {
    for (const { spec, young, old } of this.families.values()) {
      for (const entry of young.values()) yield [spec, entry];
      for (const entry of old.values()) if (!young.has(entry.who)) yield [spec, entry];
    }
  }

  drop(): void {
    for (const { young, old } of this.families.values()) {
      this.bound.young -= young.size;
      this.bound.old -= old.size;
    }
    this.families.clear();
    this.bound.tables.delete(this);
  }

  private familyOf(spec: BucketSpec): Family {
    const family = new Family(spec);
    this.families.set(spec.key, family);
    return family;
  }

  private keep(family: Family, entry: BucketEntry): BucketEntry {
    this.bound.makeRoom();
    // Room may have been made by forgetting a family without entries.
    if (!this.families.has(entry.specKey)) this.families.set(entry.specKey, family);
    family.young.set(entry.who, entry);
    this.bound.young++;
    return entry;
  }
}
