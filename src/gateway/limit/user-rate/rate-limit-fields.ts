import { usToFull } from '../../../contracts/token-bucket.js';
import type { ChargedBucket } from './bucket-spec.js';

/** How a bucket stands for its client. */
export interface BucketStanding {
  readonly remaining: number;
  /** ms until it is full again if nobody takes from it. */
  readonly resetMs: number;
}

/** How a bucket stands that `take` was just called with; leased tokens are the client's still. */
export function standingOf({ spec, entry }: ChargedBucket, now: number): BucketStanding {
  if (entry === null) return { remaining: spec.limit, resetMs: 0 };
  const { limit, periodMs } = spec;
  if (limit === 0) return { remaining: 0, resetMs: periodMs };
  const believed = entry.believed(spec, now);
  const held = entry.hasLeased(now) ? entry.tokens : 0;
  const leasedMs = (held * periodMs) / limit;
  const resetMs = Math.max(0, Math.ceil(usToFull(entry, spec, Math.floor(now * 1000)) / 1000 - leasedMs));
  return { remaining: Math.min(limit, believed + held), resetMs };
}

/** Written once a limit. */
const ITEMS = new WeakMap<ChargedBucket['spec'], string>();

/** Item of `RateLimit-Policy` (IETF draft 10): `"user";q=100;w=60`. Windows are whole seconds there. */
export function policyItem(spec: ChargedBucket['spec']): string {
  let item = ITEMS.get(spec);
  if (item === undefined) {
    const { policy, limit, periodMs } = spec;
    ITEMS.set(spec, (item = `"${policy}";q=${limit};w=${Math.max(1, Math.ceil(periodMs / 1000))}`));
  }
  return item;
}

/** Item of `RateLimit`: `"user";r=42;t=30`. */
export function limitItem(bucket: ChargedBucket, now: number): string {
  const { remaining, resetMs } = standingOf(bucket, now);
  return `"${bucket.spec.policy}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`;
}
