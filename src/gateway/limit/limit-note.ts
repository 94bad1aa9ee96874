import type { RatePolicy } from './user-rate/bucket-spec.js';

/** Which limit refused a request, for its line in the log (docs/operating.md). Holds nothing that a client chose. */
export type LimitNote =
  | {
      readonly rule: 'global' | 'user';
      readonly scope: 'channel' | 'path';
      /** As RateLimit-Policy names it. */
      readonly policy: 'global' | RatePolicy;
      /** As the record says, for all workers together. */
      readonly most: number;
      readonly periodMs: number;
    }
  | { readonly rule: 'bulkhead'; readonly scope: 'channel'; readonly most: number }
  | { readonly rule: 'breaker'; readonly scope: 'path'; readonly state: string }
  /** throttle.auth.limit. */
  | { readonly rule: 'auth'; readonly scope: 'address'; readonly most: number; readonly periodMs: number };

export function userRateNote(policy: RatePolicy, most: number, periodMs: number): LimitNote {
  return { rule: 'user', scope: policy.endsWith('-path') ? 'path' : 'channel', policy, most, periodMs };
}
