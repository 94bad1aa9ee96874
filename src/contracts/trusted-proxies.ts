/** Decides whose X-Forwarded-* and Forwarded headers count (server.trustProxy). */
export type TrustedProxies =
  | { readonly mode: 'none' }
  /** Every peer counts: the leftmost address is the client's. */
  | { readonly mode: 'all' }
  /** The rightmost address that is not trusted is the client's. */
  | { readonly mode: 'hops'; readonly hops: number }
  | { readonly mode: 'addresses'; trusts(address: string): boolean };
