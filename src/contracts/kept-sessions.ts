import type { Page } from './identities.js';

/** A session that the built-in session server keeps. */
export interface KeptSession {
  readonly id: string;
  /** Of its origin, as far as the key `{type}-{id}` tells: a type may hold a hyphen, too. */
  readonly type: string;
  readonly origin: string;
  /** ISO 8601. */
  readonly begunAt: string;
  readonly expiresAt: string;
}

export interface SessionQuery {
  /** Of the origin: both, one of them, or none. */
  readonly type?: string;
  readonly origin?: string;
  readonly skip: number;
  /** 1 to 1000. */
  readonly limit: number;
}

/** The sessions of the built-in session server, for who administers them. Every method throws GatewayError DATABASE_AWAY. */
export interface KeptSessions {
  /** Those that have not ended, the newest first. */
  list(query: SessionQuery): Promise<Page<KeptSession>>;
  /** Whether there was one of that id. */
  end(id: string): Promise<boolean>;
}
export const KEPT_SESSIONS = Symbol('KeptSessions');
