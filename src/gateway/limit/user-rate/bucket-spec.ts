import type { BucketRate } from '../../../contracts/token-bucket.js';
import type { BucketEntry } from './bucket-entry.js';

/** Names of the policies in headers and bodies (spec/resilience.md). */
export type RatePolicy = 'user' | 'ip' | 'user-path' | 'ip-path';

/** How replicas share the buckets of a plan. */
export interface LeaseTerms {
  /** maxUnsynchronizedTokens: tokens that this replica may hold of one bucket; 0: each request asks the store. */
  readonly ahead: number;
  /** With so many of them left more are asked for, while requests go on; -1: with none left, by the request that needs one. */
  readonly low: number;
  /** maxTimeoutBetweenSynchronization: how long it may hold them. */
  readonly leaseMs: number;
  /** useBatching: requests that wait for one bucket share a call. */
  readonly sharesCalls: boolean;
}

/** What all buckets of one limit have in common; made when the plan is. */
export interface BucketSpec extends BucketRate {
  readonly policy: RatePolicy;
  /** Content: equal keys are the same buckets, also across reloads. */
  readonly key: string;
  readonly periodMs: number;
  readonly terms: LeaseTerms;
}

/** One bucket that a request is to be charged to. */
export interface ChargedBucket {
  readonly spec: BucketSpec;
  /** Whose it is: user id or network, with the path where each path has its own. */
  readonly who: string;
  /** Where it is kept; set by whoever charges it. Null after a refusal: one before it in the list refused, and this was not looked at. */
  entry: BucketEntry | null;
}
