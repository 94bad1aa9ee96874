import type { Page } from '../contracts/identities.js';
import type { KeptSession, KeptSessions, SessionQuery } from '../contracts/kept-sessions.js';
import { GatewayError } from '../errors/gateway.error.js';
import { SessionFault } from './session-fault.js';
import {
  COUNT_SESSIONS,
  END_SESSION,
  LIST_SESSIONS,
  type CountRow,
  type ListedRow,
  type TotalRow,
} from './session-statements.js';
import type { SessionStore } from './session-store.js';

/** The sessions in the database, for who administers them. */
export class StoredSessionList implements KeptSessions {
  constructor(private readonly store: Pick<SessionStore, 'rows'>) {}

  async list({ type, origin, skip, limit }: SessionQuery): Promise<Page<KeptSession>> {
    const fitting = [type ?? null, origin ?? null];
    const [counted] = await this.rows<TotalRow>(COUNT_SESSIONS, fitting);
    const list = await this.rows<ListedRow>(LIST_SESSIONS, [...fitting, skip, limit]);
    return { list: list.map(shown), total: counted?.total ?? 0 };
  }

  async end(id: string): Promise<boolean> {
    const [row] = await this.rows<CountRow>(END_SESSION, [id]);
    return (row?.count ?? 0) > 0;
  }

  private async rows<R>(sql: string, values: unknown[]): Promise<R[]> {
    try {
      return await this.store.rows<R>(sql, values);
    } catch (cause) {
      if (!(cause instanceof SessionFault)) throw cause;
      throw new GatewayError('DATABASE_AWAY', { cause });
    }
  }
}

function shown({ id, key, begun, expire }: ListedRow): KeptSession {
  const hyphen = key.indexOf('-');
  return {
    id,
    type: key.slice(0, hyphen),
    origin: key.slice(hyphen + 1),
    begunAt: new Date(begun).toISOString(),
    expiresAt: new Date(expire).toISOString(),
  };
}
