import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../runner-kit/index.js';
import { ExpiringMap } from '../expiring-map.js';

export interface SessionOptions {
  readonly sessionTtlMs: number;
  readonly maxSessions: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/** One session for each origin, which is named by its key `{type}-{id}`. */
export class Sessions {
  private readonly ids: ExpiringMap<string>;

  constructor({ sessionTtlMs, maxSessions, now }: SessionOptions) {
    this.ids = new ExpiringMap({ ttlMs: sessionTtlMs, maxEntries: maxSessions, now });
  }

  get size(): number {
    return this.ids.size;
  }

  /** The origin's session with its time starting anew, or a new one. */
  touch(originKey: string): JsonObject {
    return this.keep(originKey, this.ids.get(originKey) ?? randomUUID());
  }

  /** Null where the origin has no session: it has ended, and only a touch makes a new one. */
  extend(originKey: string): JsonObject | null {
    const id = this.ids.get(originKey);
    return id === undefined ? null : this.keep(originKey, id);
  }

  /** Hands the old origin's session on to the new one, whose own session ends. Without an old one: a touch. */
  stitch(originKey: string, oldKey: string): JsonObject {
    const oldId = this.ids.get(oldKey);
    if (oldId === undefined) return this.touch(originKey);
    this.ids.delete(oldKey);
    return this.keep(originKey, oldId);
  }

  /** Whether there was a session to end. One that has another id than the given stays: it is a newer one. */
  expire(originKey: string, sessionId: string | null): boolean {
    if (sessionId !== null && this.ids.get(originKey) !== sessionId) return false;
    return this.ids.delete(originKey);
  }

  private keep(originKey: string, id: string): JsonObject {
    const { expire } = this.ids.set(originKey, id);
    return { id, expire };
  }
}
