/** What the main thread asks of the database's thread, and what that answers. Values cross as texts, as on Postgres' own wire. */
export type ToDatabase =
  | { readonly id: number; readonly kind: 'query'; readonly sql: string; readonly params: readonly (string | null)[] }
  /** Several statements, without parameters. */
  | { readonly id: number; readonly kind: 'script'; readonly sql: string }
  | { readonly id: number; readonly kind: 'listen'; readonly channel: string }
  | { readonly id: number; readonly kind: 'close' };

export interface WireResult {
  readonly command: string;
  readonly rowCount: number;
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** The fields of a Postgres error that code looks at, as `pg` names them. */
export interface WireError {
  readonly message: string;
  readonly code?: string;
  readonly detail?: string;
  readonly constraint?: string;
  readonly table?: string;
}

export type FromDatabase =
  | { readonly kind: 'open' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'result'; readonly id: number; readonly results: readonly WireResult[] }
  | { readonly kind: 'error'; readonly id: number; readonly error: WireError }
  | { readonly kind: 'notification'; readonly channel: string; readonly payload: string };

/** What the thread is started with. */
export interface DatabaseOrder {
  readonly folder: string;
  /** An empty database as it was packed when the product was built, or null: unpacking takes a quarter of the time that making one takes. */
  readonly seed: string | null;
}
