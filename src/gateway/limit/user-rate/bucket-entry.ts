import { hash } from 'node:crypto';
import { giveBack, refill, setTo, tokensIn, type Bucket } from '../../../contracts/token-bucket.js';
import type { Lease } from '../../../contracts/rate-store.js';
import type { BucketSpec } from './bucket-spec.js';
import type { LeaseCall } from './lease-call.js';

/** A store that refuses is asked again after that, as others may have given tokens back. */
const LONGEST_EMPTY_MS = 1000;
/** Tokens that requests wait for are theirs for so long where none may be held. */
const HANDOVER_MS = 1000;

/** One bucket as this process knows it: the tokens that it has leased, and what it believes of the store's. */
export class BucketEntry implements Bucket {
  /** What is left at the store as far as we know; the bucket itself where there is no store, or it is away. */
  debt = 0;
  atUs: number;
  /** Leased and not spent; not to be spent from `leaseUntil` on. */
  tokens = 0;
  leaseUntil = 0;
  /** Not spent in time: goes back to the store with the next call. */
  owed = 0;
  /** The store had none: it is not asked before that. */
  emptyUntil = 0;
  /** Calls under way, and the last of them that others may join. */
  calls = 0;
  call: LeaseCall | null = null;
  private storeKey: string | null = null;

  constructor(
    readonly who: string,
    readonly specKey: string,
    nowUs: number,
  ) {
    this.atUs = nowUs;
  }

  /** Name at the store: says neither user nor address. */
  get key(): string {
    this.storeKey ??= hash('sha256', `${this.specKey}\n${this.who}`, 'base64url');
    return this.storeKey;
  }

  hasLeased(now: number): boolean {
    if (this.tokens === 0) return false;
    if (now < this.leaseUntil) return true;
    this.expire(0);
    return false;
  }

  /** All but so many leased tokens are to be given back. */
  expire(kept: number): void {
    if (this.tokens <= kept) return;
    this.owed += this.tokens - kept;
    this.tokens = kept;
  }

  /** What is to be given back goes now. */
  takeOwed(spec: BucketSpec): number {
    const { owed } = this;
    this.owed = 0;
    if (owed > 0) giveBack(this, spec, owed);
    return owed;
  }

  /** The store has answered. */
  leased(lease: Lease, spec: BucketSpec, now: number): void {
    if (lease.granted > 0) {
      const { ahead, leaseMs } = spec.terms;
      // Older tokens do not get older than they may.
      if (this.tokens === 0) this.leaseUntil = now + (ahead === 0 ? HANDOVER_MS : leaseMs);
      this.tokens += lease.granted;
    }
    setTo(this, spec, {
      remaining: lease.remaining,
      usToNextToken: lease.msToNextToken * 1000,
      nowUs: Math.floor(now * 1000),
    });
    this.emptyUntil = lease.remaining > 0 ? 0 : now + Math.min(LONGEST_EMPTY_MS, lease.msToNextToken);
  }

  /** Brings what we believe of the store's bucket up to now; whole tokens in it. */
  believed(spec: BucketSpec, now: number): number {
    refill(this, spec, Math.floor(now * 1000));
    return tokensIn(this, spec);
  }
}
