export interface NamedKey {
  readonly kid: string | null;
}

/** The keys of one secret of a record: the first makes tokens, all are accepted (rotation without logging anyone out). */
export class KeyRing<K extends NamedKey> {
  readonly first: K;
  private readonly byKid: ReadonlyMap<string, readonly K[]>;
  /** One secret without a kid: whatever kid a token names, it is meant. */
  private readonly ignoresKid: boolean;

  /** @param keys one at least, no kid twice */
  constructor(private readonly keys: readonly [K, ...K[]]) {
    this.first = keys[0];
    this.ignoresKid = keys.length === 1 && keys[0].kid === null;
    this.byKid = new Map(keys.flatMap((key) => (key.kid === null ? [] : [[key.kid, [key]] as const])));
  }

  /** The keys to try for a token that names this kid, or none; no key at all for a kid that we do not know. */
  candidates(kid: string | null): readonly K[] {
    return kid === null || this.ignoresKid ? this.keys : (this.byKid.get(kid) ?? []);
  }
}
