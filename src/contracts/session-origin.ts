/** Whose session it is: `{type}-{id}` is its origin key. */
export interface SessionOrigin {
  readonly type: string;
  readonly id: string;
}

export interface Session {
  readonly id: string;
  /** Epoch ms. */
  readonly expiresAtMs: number;
}
