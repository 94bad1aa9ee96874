import { randomUUID } from 'node:crypto';
import { isOriginKey } from './session-input.js';
import type { SessionSettings } from './session-settings.js';
import {
  EXPIRE,
  EXTEND,
  EXTEND_LIST,
  STITCH,
  TOUCH,
  type CountRow,
  type KeyRow,
  type SessionRow,
} from './session-statements.js';
import type { SessionStore } from './session-store.js';

/** Sessions in the database, one for each origin key. One statement an action. Each throws SessionFault 503. */
export class StoredSessions {
  constructor(
    private readonly store: Pick<SessionStore, 'rows'>,
    private readonly settings: SessionSettings,
  ) {}

  /** The origin's session with its time starting anew, or a new one. */
  async touch(originKey: string): Promise<SessionRow> {
    const [row] = await this.store.rows<SessionRow>(TOUCH, [originKey, randomUUID(), this.settings.ttlMs]);
    return row!;
  }

  /** Null where the origin has no session: only a touch makes one. */
  async extend(originKey: string): Promise<SessionRow | null> {
    const [row] = await this.store.rows<SessionRow>(EXTEND, [originKey, this.settings.ttlMs]);
    return row ?? null;
  }

  /** How many were extended, and the keys that have no session any more. */
  async extendList(
    keys: readonly string[],
  ): Promise<{ readonly extended: number; readonly missing: readonly string[] }> {
    const asked = [...new Set(keys.filter(isOriginKey))];
    const gone = asked.length === 0 ? [] : await this.store.rows<KeyRow>(EXTEND_LIST, [asked, this.settings.ttlMs]);
    const goneKeys = new Set(gone.map(({ key }) => key));
    const missing = keys.filter((key) => !isOriginKey(key) || goneKeys.has(key));
    return { extended: keys.length - missing.length, missing };
  }

  /** Makes one session of two: which one stays is the setting's to say. The old origin has none after it. */
  async stitch(originKey: string, oldKey: string): Promise<SessionRow> {
    if (originKey === oldKey) return this.touch(originKey);
    const { ttlMs, stitchPriority } = this.settings;
    const values = [originKey, oldKey, randomUUID(), ttlMs, stitchPriority];
    const [row] = await this.store.rows<SessionRow>(STITCH, values);
    return row!;
  }

  /** Whether there was a session to end. One that has another id than the given stays: it is a newer one. */
  async expire(originKey: string, sessionId: string | null): Promise<boolean> {
    const [row] = await this.store.rows<CountRow>(EXPIRE, [originKey, sessionId]);
    return (row?.count ?? 0) > 0;
  }
}
