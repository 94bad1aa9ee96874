/**
 * A token bucket with bucket4j's greedy refill: it holds the limit, and refills steadily over the period. What is missing is kept in
 * tokens times µs, a whole number: nothing is lost to rounding, as in bucket4j, as long as limit times period stays below 2^53.
 */
export interface Bucket {
  /** What is missing till it is full: each token is worth `periodUs`. */
  debt: number;
  /** When `debt` was so much, in whole µs of any clock. */
  atUs: number;
}

export interface BucketRate {
  /** Tokens that a full bucket holds, at least 1, and that come in one period. */
  readonly limit: number;
  readonly periodUs: number;
}

/**
 * Brings the bucket up to now. A clock that jumps back refills nothing till it has caught up (as bucket4j), but for no longer than a
 * period.
 */
export function refill(bucket: Bucket, { limit, periodUs }: BucketRate, nowUs: number): void {
  if (nowUs <= bucket.atUs) {
    bucket.atUs = Math.min(bucket.atUs, nowUs + periodUs);
    return;
  }
  bucket.debt = Math.max(0, bucket.debt - (nowUs - bucket.atUs) * limit);
  bucket.atUs = nowUs;
}

/** Whole tokens in a bucket that is up to date. */
export function tokensIn({ debt }: Bucket, { limit, periodUs }: BucketRate): number {
  return Math.max(0, limit - Math.ceil(debt / periodUs));
}

export function spend(bucket: Bucket, { periodUs }: BucketRate, count: number): void {
  bucket.debt += count * periodUs;
}

export function giveBack(bucket: Bucket, { periodUs }: BucketRate, count: number): void {
  bucket.debt = Math.max(0, bucket.debt - count * periodUs);
}

/** µs until it holds a token more than now; 0 where it is full. For a bucket that was brought up to `nowUs`. */
export function usToNextToken(bucket: Bucket, { limit, periodUs }: BucketRate, nowUs: number): number {
  if (bucket.debt === 0) return 0;
  const over = bucket.debt - (Math.ceil(bucket.debt / periodUs) - 1) * periodUs;
  return over / limit + Math.max(0, bucket.atUs - nowUs);
}

/** µs until it is full. */
export function usToFull(bucket: Bucket, { limit }: BucketRate, nowUs: number): number {
  return bucket.debt === 0 ? 0 : bucket.debt / limit + Math.max(0, bucket.atUs - nowUs);
}

/** Makes the bucket what a store says of its own. */
export function setTo(
  bucket: Bucket,
  { limit, periodUs }: BucketRate,
  said: { readonly remaining: number; readonly usToNextToken: number; readonly nowUs: number },
): void {
  bucket.atUs = said.nowUs;
  const missing = limit - said.remaining;
  bucket.debt =
    missing <= 0 ? 0 : (missing - 1) * periodUs + Math.min(periodUs, Math.round(said.usToNextToken * limit));
}
