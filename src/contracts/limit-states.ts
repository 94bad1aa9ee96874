/** The limits of one channel as operators see them; null: the channel has none of that kind. */
export interface LimitView {
  readonly channel: string;
  /** This process' share: what is left of the period, and who waits. */
  readonly globalRate: { readonly available: number; readonly waiting: number } | null;
  readonly bulkhead: { readonly active: number; readonly waiting: number } | null;
  /** Where the limits of users are counted; `memory`: in this process. */
  readonly userRates: { readonly store: string; readonly isAway: boolean } | null;
  /** Requests that each refused since the process began. */
  readonly refused: {
    readonly global: number;
    readonly user: number;
    readonly bulkhead: number;
    readonly breaker: number;
  };
}

/** The limits of this process. */
export interface LimitViews {
  limits(): readonly LimitView[];
}
export const LIMIT_VIEWS = Symbol('LimitViews');
