import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { END_FAMILIES_OF } from './family-statements.js';
import { PendingWrites } from './pending-writes.js';
import { REVOKE } from './revocation-statements.js';
import { LEEWAY_MS } from './revoked-digests.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** A store that takes what it is given, until it is away. */
class FakeStore {
  isAway = false;
  tries = 0;
  readonly statements: [kind: 'revoke' | 'end', digests: readonly string[]][] = [];

  async rows<R>(sql: string, values: unknown[] = []): Promise<R[]> {
    this.tries++;
    await new Promise((soon) => setImmediate(soon));
    if (this.isAway) throw new Error('away');
    if (sql !== REVOKE && sql !== END_FAMILIES_OF) throw new Error(`It is not asked for ${sql}`);
    this.statements.push([sql === REVOKE ? 'revoke' : 'end', values[0] as string[]]);
    return [];
  }
}

function somePending(most?: number) {
  const store = new FakeStore();
  const pending = new PendingWrites(store, Date.now, most);
  const revoke = (digest: string, lifeMs = 3_600_000): Promise<void> =>
    pending.add({ kind: 'revoke', digest, expiresAtMs: Date.now() + lifeMs });
  return { store, pending, revoke };
}

describe('writes of a store that is there', () => {
  it('are done when their promise settles', async () => {
    const { store, pending, revoke } = somePending();
    await revoke('a');
    await pending.add({ kind: 'end', digest: 'b', expiresAtMs: Date.now() + 1000 });
    expect(store.statements).toEqual([
      ['revoke', ['a']],
      ['end', ['b']],
    ]);
    expect(pending.size).toBe(0);
  });
  it('go together where many come at once', async () => {
    const { store, revoke } = somePending();
    await Promise.all(Array.from({ length: 1200 }, (_, index) => revoke(String(index))));
    expect(store.statements.map(([, digests]) => digests.length)).toEqual([500, 500, 200]);
  });
  it('that come while one is under way go with the next', async () => {
    const { store, revoke } = somePending();
    const first = revoke('a');
    await new Promise((soon) => setImmediate(soon));
    await Promise.all([first, revoke('b'), revoke('c')]);
    expect(store.statements.flatMap(([, digests]) => digests).sort()).toEqual(['a', 'b', 'c']);
    expect(store.statements.length).toBeLessThan(3);
  });
});

describe('writes of a store that is away', () => {
  it('are kept, and tried again each second', async () => {
    const { store, pending, revoke } = somePending();
    store.isAway = true;
    await revoke('a');
    expect([pending.size, store.tries]).toEqual([1, 1]);
    await jest.advanceTimersByTimeAsync(999);
    expect(store.tries).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    await pending.flush();
    expect(store.tries).toBeGreaterThan(1);
    store.isAway = false;
    await pending.flush();
    expect([pending.size, store.statements]).toEqual([0, [['revoke', ['a']]]]);
  });
  it('are bounded: the oldest are given up', async () => {
    const { store, pending, revoke } = somePending(2);
    store.isAway = true;
    for (const digest of ['a', 'b', 'c']) await revoke(digest);
    store.isAway = false;
    await pending.flush();
    expect([pending.dropped, store.statements]).toEqual([1, [['revoke', ['b', 'c']]]]);
  });
  it('are given up once nobody would accept the token', async () => {
    const { store, pending, revoke } = somePending();
    store.isAway = true;
    await revoke('short', 1000);
    await revoke('long');
    store.isAway = false;
    jest.setSystemTime(Date.now() + 1000 + LEEWAY_MS);
    await pending.flush();
    expect([pending.size, store.statements]).toEqual([0, [['revoke', ['long']]]]);
  });
  it('are tried once more at the end, and then no more', async () => {
    const { store, pending, revoke } = somePending();
    store.isAway = true;
    await revoke('a');
    await pending.stop();
    expect([store.tries, jest.getTimerCount()]).toEqual([2, 0]);
  });
});
