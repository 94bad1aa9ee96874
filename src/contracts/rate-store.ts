import type { Component } from './components.js';

/** What a replica asks of one bucket. */
export interface LeaseRequest {
  /** Names the bucket among all of this gateway: 43 characters, a digest, so that no user and no address stands in a store. */
  readonly key: string;
  /** Tokens that a full bucket holds, and that come in one period: 1 to 1e9. */
  readonly limit: number;
  /** Whole ms. */
  readonly periodMs: number;
  /** Tokens for requests that wait; 0 asks for none. */
  readonly need: number;
  /** Tokens to have beyond those, for requests to come: given only up to a quarter of what is left. */
  readonly ahead: number;
  /** Leased tokens that were not spent: they are put back first. */
  readonly returned: number;
}

export interface Lease {
  readonly granted: number;
  /** Whole tokens that the bucket holds now. */
  readonly remaining: number;
  /** ms until it holds one more; 0 where it is full. */
  readonly msToNextToken: number;
}

/**
 * Buckets that replicas share. Times are the store's own, so that clocks of replicas do not matter. A bucket that nobody knows is full;
 * one that is full again is forgotten.
 */
export interface RateStore {
  readonly kind: 'redis' | 'postgres';
  /** For logs and health; never with a password. */
  readonly name: string;
  /**
   * One round trip for all of them; answers in their order. Settles within some 250 ms: tokens of an answer that comes later are
   * lost. The same key may stand in it more than once.
   * @throws RateStoreUnavailable
   */
  lease(requests: readonly LeaseRequest[]): Promise<readonly Lease[]>;
}

/** The store cannot be had now: whoever asks limits by itself. */
export class RateStoreUnavailable extends Error {
  override readonly name = 'RateStoreUnavailable';
}

/** Which store a channel's counts are in. */
export interface RateStoreChoice {
  /** Null: in this process. The same object for as long as the service says the same. */
  readonly store: RateStore | null;
  /** What the channel's record is told, at `service`: a fault keeps the channel out of force (code 17003). */
  readonly finding: { readonly severity: 'fault' | 'warning'; readonly message: string } | null;
}

export interface RateStores {
  /** @param service as the channel names it; undefined: the only active one that keeps rates */
  choose(service: string | undefined, services: Iterable<Component<'service'>>): RateStoreChoice;
  /** What is wrong with the parameters of a service that keeps rates; null where nothing is, or it keeps none. */
  check(service: Component<'service'>): RateStoreChoice['finding'];
  /** Closes the stores that no channel uses any more. */
  retain(stores: ReadonlySet<RateStore | null>): void;
}
export const RATE_STORES = Symbol('RateStores');
