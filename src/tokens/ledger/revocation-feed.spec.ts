import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Broadcast, Gap } from '../../contracts/broadcast.js';
import type { JsonObject } from '../../contracts/json.js';
import { RevocationFeed } from './revocation-feed.js';
import { RevokedDigests } from './revoked-digests.js';
import { tokenDigest } from './token-digest.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});
const [A, B] = [tokenDigest('a'), tokenDigest('b')];

/** A store in which the test revokes, and a broadcast over which it speaks. */
function aFeed(isShared = true) {
  const stored = new Set<string>();
  const asked: unknown[][] = [];
  const told: string[] = [];
  const state = { isAway: false };
  let say: (message: JsonObject) => void = () => undefined;
  let gap: (gap: Gap) => void = () => undefined;
  const broadcast: Broadcast = {
    publish: async (_topic, message) => say(message),
    subscribe: (_topic, listener) => {
      say = listener;
      return () => (say = () => undefined);
    },
    onGap: (listener) => {
      gap = listener;
      return () => (gap = () => undefined);
    },
  };
  const store = {
    rows: async <R>(_sql: string, values: unknown[] = []): Promise<R[]> => {
      asked.push(values);
      if (state.isAway) throw new Error('away');
      const at = `clock ${asked.length}`;
      const rows = [...stored].map((digest) => ({ at, digest, expires_ms: Date.now() + 60_000 }));
      return (rows.length > 0 ? rows : [{ at, digest: null, expires_ms: null }]) as R[];
    },
  };
  const digests = new RevokedDigests(Date.now);
  const revoked = (digest: string): void => void told.push(digest);
  const feed = new RevocationFeed({ store, digests, broadcast, isShared, revoked, log: () => undefined });
  feed.listen();
  return {
    feed,
    stored,
    asked,
    told,
    state,
    digests,
    say: (message: JsonObject) => say(message),
    gap: () => gap({ isAfterLoss: true }),
  };
}

describe('what was revoked elsewhere', () => {
  it('is refused as soon as it is said, and told of once', () => {
    const { digests, told, say } = aFeed();
    for (let times = 0; times < 2; times++) say({ digest: A, expiresAtMs: Date.now() + 1000 });
    expect([digests.has(A), told]).toEqual([true, [A]]);
  });
  it.each<[string, JsonObject]>([
    ['no digest', { expiresAtMs: 2_000_000 }],
    ['a digest of another form', { digest: 'x'.repeat(44), expiresAtMs: 2_000_000 }],
    ['no moment', { digest: A, expiresAtMs: '2000000' }],
  ])('is ignored where a message has %s', (_what, message) => {
    const { digests, say } = aFeed();
    say(message);
    expect(digests.size).toBe(0);
  });
});

describe('the store', () => {
  it('is read at the start, and no more while no token is in use', async () => {
    const { feed, stored, digests, asked } = aFeed();
    stored.add(A);
    await feed.load();
    await feed.load();
    await jest.advanceTimersByTimeAsync(60_000);
    expect([digests.has(A), asked]).toEqual([true, [[null, '60 seconds']]]);
    await feed.stop();
  });
  it('is looked at several times in two seconds once tokens are in use, from the last look on', async () => {
    const { feed, stored, digests, asked, told } = aFeed();
    await feed.load();
    feed.need();
    await jest.advanceTimersByTimeAsync(0);
    stored.add(B);
    await jest.advanceTimersByTimeAsync(750);
    expect(digests.has(B)).toBe(true);
    await jest.advanceTimersByTimeAsync(750);
    expect(asked.slice(1)).toEqual([
      ['clock 1', '3 seconds'],
      ['clock 2', '3 seconds'],
      ['clock 3', '3 seconds'],
    ]);
    expect(told).toEqual([B]);
    await feed.stop();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveLength(4);
  });
  it('that nobody shares is read once', async () => {
    const { feed, asked } = aFeed(false);
    feed.need();
    await feed.load();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveLength(1);
    await feed.stop();
  });
  it('is looked at at once after a gap, further back', async () => {
    const { feed, stored, digests, asked, gap } = aFeed();
    await feed.load();
    stored.add(A);
    gap();
    await jest.advanceTimersByTimeAsync(0);
    expect([digests.has(A), asked[1]]).toEqual([true, ['clock 1', '60 seconds']]);
    await feed.stop();
  });
  it('that was away is asked for all since the last look that it answered', async () => {
    const { feed, stored, state, digests, asked } = aFeed();
    await feed.load();
    feed.need();
    await jest.advanceTimersByTimeAsync(0);
    state.isAway = true;
    await jest.advanceTimersByTimeAsync(5000);
    stored.add(A);
    state.isAway = false;
    await jest.advanceTimersByTimeAsync(1000);
    expect([digests.has(A), asked.at(-1)]).toEqual([true, ['clock 2', '60 seconds']]);
    await feed.stop();
  });
  it('that is away at the start is asked until it answers', async () => {
    const { feed, stored, state, digests } = aFeed(false);
    stored.add(A);
    state.isAway = true;
    await feed.load();
    expect(digests.has(A)).toBe(false);
    state.isAway = false;
    await jest.advanceTimersByTimeAsync(1000);
    expect(digests.has(A)).toBe(true);
    await feed.stop();
    expect(jest.getTimerCount()).toBe(0);
  });
});
