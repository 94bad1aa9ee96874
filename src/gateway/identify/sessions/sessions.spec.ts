import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import type { SessionOrigin } from '../../../contracts/session-origin.js';
import type { SessionRecord } from '../../../contracts/records.js';
import { GatewayError } from '../../../errors/gateway.error.js';
import { originKey, type SessionOutcome } from './session-client.js';
import { SessionCounts } from './session-counts.js';
import type { SessionKit } from './session-kit.js';
import { sessionRulesOf } from './session-rules.js';
import { SessionServers } from './session-servers.js';
import type { Sessions } from './sessions.js';

const EPOCH = 1_700_000_000_000;
const TTL_MS = 60_000;
const URLS = {
  touch: '/{type}',
  extendList: '/extend',
  stitch: '/{type}/stitch',
  expire: '/expire/{originKey}/{sessionId}',
};
const JOE = { type: 'user', id: 'joe' };
const user = (id: string | number) => ({ type: 'user', id: String(id) });
const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: null, sampled: true };
const CAUSE = { requestId: 'r-1', trace };

class SessionTestClock extends ManualClock {
  /** How far the server's clock is ahead of ours. */
  skewMs = 0;
  epochMs(): number {
    return EPOCH + this.now();
  }
}

/** A session server that a test switches off, holds and asks what it got. */
class FakeServer {
  readonly calls: string[] = [];
  readonly touched: string[] = [];
  readonly lists: string[][] = [];
  readonly timeouts: number[] = [];
  outcome: SessionOutcome | null = null;
  /** Calls wait until it is released. */
  private gate: PromiseWithResolvers<void> | null = null;
  private count = 0;

  constructor(private readonly clock: SessionTestClock) {}

  hold(): void {
    this.gate = Promise.withResolvers();
  }
  release(): void {
    this.gate!.resolve();
    this.gate = null;
  }
  fail(): void {
    this.outcome = { kind: 'failed', error: new GatewayError('BACKEND_UNREACHABLE') };
  }
  recover(): void {
    this.outcome = null;
  }

  readonly client: SessionKit['client'] = {
    touch: (_rules, origin) => this.take(`touch ${originKey(origin)}`, () => void this.touched.push(origin.id)),
    extend: (_rules, origin) => this.take(`extend ${originKey(origin)}`),
    extendList: (_rules, origins, { timeoutMs, urlType }) => {
      this.timeouts.push(timeoutMs);
      return this.take(`extendList ${urlType}`, () => void this.lists.push(origins.map(({ id }) => id)));
    },
    stitch: (_rules, origin, old) => this.take(`stitch ${originKey(origin)} ${originKey(old)}`),
    expire: (_rules, origin, sessionId) => this.take(`expire ${originKey(origin)} ${sessionId}`),
  };

  private async take(what: string, note?: () => void): Promise<SessionOutcome> {
    this.calls.push(what);
    note?.();
    await this.gate?.promise;
    if (this.outcome !== null) return this.outcome;
    const expiresAtMs = this.clock.epochMs() + this.clock.skewMs + TTL_MS;
    return { kind: 'answered', session: { id: `s${++this.count}`, expiresAtMs } };
  }
}

let clock: SessionTestClock;
let server: FakeServer;
let counts: SessionCounts;
let told: string[];
let servers: SessionServers;

beforeEach(() => {
  clock = new SessionTestClock();
  server = new FakeServer(clock);
  counts = new SessionCounts();
  told = [];
  servers = new SessionServers({
    client: server.client,
    clock,
    counts,
    report: {
      away: (channel, what, { error }) => told.push(`${channel} ${what} away: ${error}`),
      back: (channel, what) => told.push(`${channel} ${what} back`),
    },
    newIds: () => ({ requestId: 'own-1', traceparent: '00-a-b-01' }),
  });
});

const rulesOf = (record: SessionRecord = {}) =>
  sessionRulesOf({ channel: 'sessions', urls: URLS, ...record }, '').rules!;
const sessionsOf = (record: SessionRecord = {}): Sessions => servers.of(rulesOf(record));
const touch = (sessions: Sessions, origin: SessionOrigin = JOE) => sessions.touch(origin, CAUSE);
const idOf = async (sessions: Sessions, origin?: SessionOrigin) => (await touch(sessions, origin))?.id ?? null;
/** Lets promises that are settled have their say. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};
const touchAll = async (sessions: Sessions, count: number) => {
  for (let index = 0; index < count; index++) await touch(sessions, user(index));
};

describe('the session of an origin', () => {
  it('is touched once, and known at once from then on', async () => {
    const sessions = sessionsOf();
    expect(await idOf(sessions)).toBe('s1');
    expect(touch(sessions)).toMatchObject({ id: 's1' });
    expect(touch(sessions)).toBe(touch(sessions));
    expect(server.touched).toEqual(['joe']);
  });
  it('is touched by one of many requests that come together', async () => {
    const sessions = sessionsOf();
    const ids = await Promise.all([1, 2, 3].map(() => idOf(sessions)));
    expect(ids).toEqual(['s1', 's1', 's1']);
    expect([server.touched, counts.touches]).toEqual([['joe'], 1]);
  });
  it('is another for another type with the same id', async () => {
    const sessions = sessionsOf();
    expect([await idOf(sessions), await idOf(sessions, { type: 'partner', id: 'joe' })]).toEqual(['s1', 's2']);
  });
  it('is touched anew shortly before it ends, and requests do not wait for that', async () => {
    const sessions = sessionsOf();
    await touch(sessions);
    clock.advance(TTL_MS - 5001);
    expect([touch(sessions), server.touched.length]).toEqual([expect.objectContaining({ id: 's1' }), 1]);
    clock.advance(1);
    server.hold();
    expect([touch(sessions), touch(sessions)]).toMatchObject([{ id: 's1' }, { id: 's1' }]);
    server.release();
    await settled();
    expect([touch(sessions), server.touched.length]).toEqual([expect.objectContaining({ id: 's2' }), 2]);
  });
  it('is waited for after it has ended', async () => {
    const sessions = sessionsOf();
    await touch(sessions);
    clock.advance(TTL_MS);
    expect(touch(sessions)).toBeInstanceOf(Promise);
    expect(await idOf(sessions)).toBe('s2');
  });
  it('is not touched with every request where the clock of the server is behind', async () => {
    clock.skewMs = -10 * TTL_MS;
    const sessions = sessionsOf();
    await touch(sessions);
    expect(touch(sessions)).toMatchObject({ id: 's1' });
    expect(server.touched.length).toBe(1);
  });
  it('does not exist where the record has no URL to touch', () => {
    expect(touch(sessionsOf({ urls: {} }))).toBeNull();
  });
  it('outlives a reload of an equal record', async () => {
    await touch(sessionsOf());
    servers.retain(new Set([rulesOf().key]));
    expect(touch(sessionsOf())).toMatchObject({ id: 's1' });
  });
});

describe('extensions', () => {
  it('enter the buffer once an origin, and not by the touch itself', async () => {
    const sessions = sessionsOf();
    await touch(sessions);
    expect(servers.buffered).toBe(0);
    void touch(sessions);
    void touch(sessions);
    expect([servers.buffered, servers.known]).toEqual([1, 1]);
  });
  it('are sent when bufferMs have passed since the first', async () => {
    const sessions = sessionsOf({ bufferMs: 5000 });
    await touchAll(sessions, 2);
    void touch(sessions, user(0));
    clock.advance(4000);
    void touch(sessions, user(1));
    clock.advance(999);
    expect(server.lists).toEqual([]);
    clock.advance(1);
    expect(server.lists).toEqual([['0', '1']]);
    await settled();
    expect([counts.extensions, servers.buffered, clock.waits]).toEqual([2, 0, []]);
  });
  it('are sent when bufferSize is reached, in batches of batchSize', async () => {
    const sessions = sessionsOf({ bufferSize: 5, batchSize: 2 });
    await touchAll(sessions, 5);
    await touchAll(sessions, 5);
    await settled();
    expect(server.lists).toEqual([['0', '1'], ['2', '3'], ['4']]);
    expect(clock.waits).toEqual([]);
  });
  it('of an origin that comes while its batch is under way enter again', async () => {
    const sessions = sessionsOf({ bufferSize: 1 });
    await touch(sessions);
    server.hold();
    void touch(sessions);
    void touch(sessions);
    server.release();
    await settled();
    expect(server.lists).toEqual([['joe'], ['joe']]);
  });
  it('go out by type where the URL names it', async () => {
    const sessions = sessionsOf({ urls: { ...URLS, extendList: '/{type}/extend' } });
    for (const origin of [JOE, { type: 'partner', id: 'p' }, JOE, { type: 'partner', id: 'p' }])
      await touch(sessions, origin);
    clock.advance(5000);
    await settled();
    expect(server.calls.slice(2)).toEqual(['extendList user', 'extendList partner']);
  });
  it('go out one by one to a server that takes no lists', async () => {
    const sessions = sessionsOf({ urls: { touch: '/', extend: '/extend/{originKey}' } });
    await touchAll(sessions, 2);
    await touchAll(sessions, 2);
    clock.advance(5000);
    await settled();
    expect(server.calls.slice(2)).toEqual(['extend user-0', 'extend user-1']);
    expect(counts.extensions).toBe(2);
  });
  it('are not gathered for a server that takes none', async () => {
    const sessions = sessionsOf({ urls: { touch: '/' } });
    await touch(sessions);
    void touch(sessions);
    expect([servers.buffered, clock.waits]).toEqual([0, []]);
  });
});

describe('a session server that is away', () => {
  it('stops no request: those without a session go on without', async () => {
    server.fail();
    expect(await idOf(sessionsOf())).toBeNull();
    expect([counts.touches, counts.failures]).toEqual([1, 1]);
  });
  it('is not touched again for 1 s, then by one request, for which others do not wait', async () => {
    const sessions = sessionsOf();
    server.fail();
    await touch(sessions);
    clock.advance(999);
    expect([touch(sessions), touch(sessions, user(2))]).toEqual([null, null]);
    clock.advance(1);
    server.hold();
    const first = touch(sessions);
    expect([first instanceof Promise, touch(sessions, user(2))]).toEqual([true, null]);
    server.release();
    await first;
    clock.advance(1999);
    expect(touch(sessions)).toBeNull();
    expect(server.touched.length).toBe(2);
  });
  it('recovers by itself, and is told of once each way', async () => {
    const sessions = sessionsOf();
    server.fail();
    await touch(sessions);
    clock.advance(1000);
    await touch(sessions);
    server.recover();
    clock.advance(2000);
    expect(await idOf(sessions)).toBe('s1');
    expect(told).toEqual(['sessions touch away: BACKEND_UNREACHABLE', 'sessions touch back']);
  });
  it('leaves a session that has not ended to its requests', async () => {
    const sessions = sessionsOf();
    await touch(sessions);
    server.fail();
    clock.advance(TTL_MS - 1000);
    expect(touch(sessions)).toMatchObject({ id: 's1' });
    await settled();
    expect([server.touched.length, touch(sessions)]).toEqual([2, expect.objectContaining({ id: 's1' })]);
    clock.advance(1000);
    expect(await touch(sessions)).toBeNull();
  });
  it('that refuses one origin is asked for the others, and for that one after 10 s', async () => {
    const sessions = sessionsOf();
    server.outcome = { kind: 'refused', status: 400 };
    expect(await touch(sessions)).toBeNull();
    server.recover();
    expect([touch(sessions), await idOf(sessions, user(2))]).toEqual([null, 's1']);
    clock.advance(10_000);
    expect(await idOf(sessions)).toBe('s2');
    expect(told).toEqual([]);
  });
  it('lets bufferSize extensions wait, and further ones are dropped and counted', async () => {
    const sessions = sessionsOf({ bufferSize: 3 });
    await touchAll(sessions, 5);
    server.fail();
    await touchAll(sessions, 3);
    await settled();
    expect([servers.buffered, counts.dropped]).toEqual([3, 0]);
    void touch(sessions, user(3));
    void touch(sessions, user(4));
    expect([servers.buffered, counts.dropped]).toEqual([3, 2]);
  });
  it('gets what waited when it is back, after a pause that grows', async () => {
    const sessions = sessionsOf({ bufferMs: 100 });
    await touchAll(sessions, 2);
    server.fail();
    await touchAll(sessions, 2);
    for (const wait of [100, 1000, 2000]) {
      expect(clock.waits).toEqual([wait]);
      clock.advance(wait);
      await settled();
    }
    server.recover();
    clock.advance(4000);
    await settled();
    expect([counts.extensions, servers.buffered]).toEqual([2, 0]);
    expect(told).toEqual(['sessions extend away: BACKEND_UNREACHABLE', 'sessions extend back']);
  });
  it('that is silent is touched by at most 1000 requests at a time', async () => {
    const sessions = sessionsOf();
    server.hold();
    for (let index = 0; index < 1001; index++) void touch(sessions, user(index));
    expect([server.touched.length, counts.dropped]).toEqual([1000, 1]);
    server.release();
    await settled();
  });
});

describe('a session that is stitched or expired', () => {
  const GUEST = { type: 'anonymous', id: 'g1' };

  it('belongs to the new origin, and the old one is forgotten', async () => {
    const sessions = sessionsOf();
    await touch(sessions, GUEST);
    expect(await sessions.stitch(JOE, GUEST, CAUSE)).toMatchObject({ id: 's2' });
    expect(touch(sessions)).toMatchObject({ id: 's2' });
    expect(touch(sessions, GUEST)).toBeInstanceOf(Promise);
  });
  it('is touched where it cannot be stitched', async () => {
    const sessions = sessionsOf();
    server.outcome = { kind: 'refused', status: 400 };
    const stitched = sessions.stitch(JOE, GUEST, CAUSE);
    await Promise.resolve();
    server.recover();
    expect((await stitched)?.id).toBe('s1');
    expect(server.calls).toEqual(['stitch user-joe anonymous-g1', 'touch user-joe']);
  });
  it('is extended no more once it has expired', async () => {
    const sessions = sessionsOf();
    await touchAll(sessions, 2);
    await touchAll(sessions, 2);
    expect(await sessions.expire(user(0), 's1', CAUSE)).toMatchObject({ kind: 'answered' });
    clock.advance(5000);
    expect(server.lists).toEqual([['1']]);
  });
  it('is not brought back by a touch that was under way', async () => {
    const sessions = sessionsOf();
    server.hold();
    const first = touch(sessions);
    const expired = sessions.expire(JOE, 's0', CAUSE);
    server.release();
    await expired;
    expect(await first).toBeNull();
    expect(touch(sessions)).toBeInstanceOf(Promise);
  });
});

describe('a process that ends', () => {
  it('sends what waits, though the time has not come', async () => {
    const sessions = sessionsOf({ batchSize: 1 });
    await touchAll(sessions, 2);
    await touchAll(sessions, 2);
    await servers.flush(1000);
    expect([server.lists, counts.extensions, clock.waits]).toEqual([[['0'], ['1']], 2, []]);
    expect(server.timeouts).toEqual([1000, 1000]);
  });
  it('waits no longer than it was told, and counts what is lost', async () => {
    const sessions = sessionsOf({ batchSize: 1 });
    await touchAll(sessions, 2);
    await touchAll(sessions, 2);
    server.hold();
    const flushed = servers.flush(1000);
    await settled();
    clock.advance(1000);
    await flushed;
    server.release();
    await settled();
    expect([server.lists, counts.dropped, servers.buffered]).toEqual([[['0']], 1, 0]);
  });
  it('takes no extensions after that, and leaves no timer', async () => {
    const sessions = sessionsOf();
    await touch(sessions);
    server.fail();
    void touch(sessions);
    await servers.flush(1000);
    expect(touch(sessions)).toMatchObject({ id: 's1' });
    expect([counts.dropped, servers.buffered, clock.waits]).toEqual([1, 0, []]);
  });
  it('does the same for a server that no record names any more', async () => {
    const sessions = sessionsOf();
    await touch(sessions);
    void touch(sessions);
    servers.retain(new Set());
    await settled();
    expect(server.lists).toEqual([['joe']]);
  });
});
