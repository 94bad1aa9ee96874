/** Which pages of other origins may call, and how: security.cors.*, compiled. */
export interface CorsRules {
  /** Every origin may call; never together with credentials. */
  readonly isOpen: boolean;
  /** Whether an origin, in lower case, may call. Bounded: takes time in proportion to the number of patterns. */
  readonly allowsOrigin: (origin: string) => boolean;
  /** Cookies and the like may come along. */
  readonly withCredentials: boolean;
  /** Upper case; null: any. OPTIONS needs no leave. */
  readonly methods: ReadonlySet<string> | null;
  /** Lower case; null: whatever a preflight asks for. */
  readonly headers: ReadonlySet<string> | null;
  /** How long a browser may keep the answer to a preflight. */
  readonly maxAgeSeconds: number;
}
