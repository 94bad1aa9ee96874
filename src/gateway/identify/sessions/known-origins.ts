import type { SessionOrigin } from '../../../contracts/session-origin.js';
import { KnownOrigin } from './known-origin.js';

type ByType = Map<string, Map<string, KnownOrigin>>;

/**
 * Origins by type and id, bounded in number and time. Two generations: what is used moves from the old one to the young one, and the
 * old one is dropped as a whole when the young one is full or has lasted its time. Nothing is deleted one by one, which would leave
 * old tables behind, and a look-up joins no strings.
 */
export class KnownOrigins {
  private young: ByType = new Map();
  private old: ByType = new Map();
  private youngCount = 0;
  private oldCount = 0;
  private begunAtMs: number;

  constructor(
    /** Of both generations. */
    private readonly mostOrigins: number,
    private readonly generationMs: number,
    nowMs: number,
  ) {
    this.begunAtMs = nowMs;
  }

  get size(): number {
    return this.youngCount + this.oldCount;
  }

  find(origin: SessionOrigin, nowMs: number): KnownOrigin | null {
    const known = at(this.young, origin);
    if (known !== null) return known.isOver ? null : known;
    const older = at(this.old, origin);
    if (older === null || older.isOver) return null;
    this.put(older, nowMs);
    return older;
  }

  add(known: KnownOrigin, nowMs: number): void {
    this.put(known, nowMs);
  }

  private put(known: KnownOrigin, nowMs: number): void {
    if (this.youngCount >= this.mostOrigins / 2 || nowMs - this.begunAtMs >= this.generationMs) this.turn(nowMs);
    const { type, id } = known.origin;
    let byId = this.young.get(type);
    if (byId === undefined) this.young.set(type, (byId = new Map<string, KnownOrigin>()));
    // One that is over leaves its place to the next.
    if (!byId.has(id)) this.youngCount++;
    byId.set(id, known);
  }

  private turn(nowMs: number): void {
    this.old = this.young;
    this.oldCount = this.youngCount;
    this.young = new Map();
    this.youngCount = 0;
    this.begunAtMs = nowMs;
  }
}

function at(generation: ByType, { type, id }: SessionOrigin): KnownOrigin | null {
  return generation.get(type)?.get(id) ?? null;
}
