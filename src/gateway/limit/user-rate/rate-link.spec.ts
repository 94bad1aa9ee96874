import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { setImmediate } from 'node:timers/promises';
import { ModelRateStore } from '../../../../test/ratelimit/model-rate-store.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import type { Cancellable, Cancellation } from '../../../contracts/executor.js';
import {
  endRates,
  aPlan,
  aSlowPlace,
  passed,
  request,
  STAYS,
  theRates,
  verdictOf,
  verdicts,
} from '../../../../test/ratelimit/user-rates-kit.js';

afterEach(endRates);

describe('a limit of 100 that replicas share', () => {
  it('asks once for 5 requests, and spends the rest without a call', async () => {
    const { rates, clock } = theRates();
    const store = new ModelRateStore(() => clock.now());
    const link = rates.on(store);
    const plan = aPlan({ globalDefault: 100 });
    const first = link.take(plan.bucketsOf(request()), STAYS);
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toBeNull();
    for (let times = 0; times < 4; times++) expect(link.take(plan.bucketsOf(request()), STAYS)).toBeNull();
    expect(store.asked).toMatchObject([[{ limit: 100, periodMs: 60_000, need: 1, ahead: 4, returned: 0 }]]);
    expect(store.asked[0]![0]!.key).toMatch(/^[\w-]{43}$/);
    expect(link.take(plan.bucketsOf(request()), STAYS)).toBeInstanceOf(Promise);
  });
  it('asks for more while requests go on, with a quarter of a large lease left, and never for more than it may hold', async () => {
    const { store, link, plan } = aSlowPlace({ globalDefault: 10_000, maxUnsynchronizedTokens: 101 });
    const first = verdictOf(link, plan);
    await store.answerAll();
    expect(await first).toBe('in');
    for (let times = 0; times < 74; times++) expect(link.take(plan.bucketsOf(request()), STAYS)).toBeNull();
    expect(store.calls).toHaveLength(0);
    for (let times = 0; times < 25; times++) expect(link.take(plan.bucketsOf(request()), STAYS)).toBeNull();
    expect(store.calls.map(({ requests }) => requests)).toMatchObject([[{ need: 0, ahead: 75 }]]);
    await store.answerAll();
    for (let times = 0; times < 76; times++) expect(link.take(plan.bucketsOf(request()), STAYS)).toBeNull();
  });
  it('waits for what it has asked for already where none are left meanwhile', async () => {
    const { store, link, plan } = aSlowPlace({
      ...{ globalDefault: 10_000, maxUnsynchronizedTokens: 101, useBatching: true },
    });
    const first = verdictOf(link, plan);
    await store.answerAll();
    await first;
    for (let times = 0; times < 100; times++) void link.take(plan.bucketsOf(request()), STAYS);
    const waits = verdictOf(link, plan);
    expect(store.calls).toHaveLength(1);
    await store.answerAll();
    expect(await waits).toBe('in');
  });
  it('has nothing asked for early where the store is away', async () => {
    const { store, link, plan } = aSlowPlace({ globalDefault: 10_000, maxUnsynchronizedTokens: 101 });
    const first = verdictOf(link, plan);
    await store.answerAll();
    await first;
    const other = verdictOf(link, plan, { userId: 'bob' });
    store.calls[0]!.fail();
    await other;
    const asked = store.calls.length;
    for (let times = 0; times < 90; times++) expect(link.take(plan.bucketsOf(request()), STAYS)).toBeNull();
    expect(store.calls.length).toBe(asked);
  });
  it('gives what it has not spent within 30 s back', async () => {
    const { rates, clock } = theRates();
    const store = new ModelRateStore(() => clock.now());
    const plan = aPlan({ period: 60, globalDefault: 100 });
    const link = rates.on(store);
    expect(await verdictOf(link, plan)).toBe('in');
    clock.advance(29_000);
    expect(store.asked).toHaveLength(1);
    clock.advance(3000);
    expect(store.asked[1]).toMatchObject([{ need: 0, ahead: 0, returned: 4 }]);
    expect(link.take(plan.bucketsOf(request()), STAYS)).toBeInstanceOf(Promise);
    expect(store.asked[2]).toMatchObject([{ need: 1, ahead: 4, returned: 0 }]);
  });
  it('gives all of it back when the process ends', async () => {
    const { rates, clock } = theRates();
    const store = new ModelRateStore(() => clock.now());
    await verdictOf(rates.on(store), aPlan({ globalDefault: 100 }));
    await rates.flush(1000);
    expect(store.asked[1]).toMatchObject([{ need: 0, returned: 4 }]);
    expect([rates.size, clock.waits]).toEqual([0, []]);
  });
  it('ends in time where the store does not answer', async () => {
    const { rates, store, link, plan, clock } = aSlowPlace();
    const taken = verdictOf(link, plan);
    await store.answerAll();
    await taken;
    const flushed = rates.flush(1000);
    await setImmediate();
    expect(store.calls).toHaveLength(1);
    clock.advance(1000);
    await flushed;
  });
  it('refuses without a call what the store has just refused, for a second at most', async () => {
    const { rates, clock } = theRates();
    const store = new ModelRateStore(() => clock.now());
    const link = rates.on(store);
    const plan = aPlan({ globalDefault: 2 });
    expect(passed(await verdicts(link, plan, 3))).toBe(2);
    const asked = store.asked.length;
    for (let times = 0; times < 50; times++) {
      expect(link.take(plan.bucketsOf(request()), STAYS)).toMatchObject({ policy: 'user', retryAfterMs: 30_000 });
    }
    expect(store.asked).toHaveLength(asked);
    clock.advance(1000);
    expect(await verdictOf(link, plan)).toBe('user');
    clock.advance(29_000);
    expect(await verdictOf(link, plan)).toBe('in');
  });
  it('asks for each request where nothing may be held', async () => {
    const { rates, clock } = theRates();
    const store = new ModelRateStore(() => clock.now());
    await verdicts(rates.on(store), aPlan({ globalDefault: 100, maxUnsynchronizedTokens: 0 }), 5);
    expect(store.asked.map(([asked]) => [asked!.need, asked!.ahead])).toEqual(Array(5).fill([1, 0]));
  });
  it('lets go of a store that no channel uses, and gives back to it', async () => {
    const { rates, clock } = theRates();
    const [store, other] = [new ModelRateStore(() => clock.now()), new ModelRateStore(() => clock.now())];
    const plan = aPlan({ globalDefault: 100 });
    await verdictOf(rates.on(store), plan);
    await verdictOf(rates.on(other), plan);
    await rates.retain(new Set([other]));
    expect([store.asked.length, other.asked.length, rates.size]).toEqual([2, 1, 1]);
  });
});

describe('requests that wait for one bucket', () => {
  it('share a call, and the next one, with useBatching', async () => {
    const { store, link, plan } = aSlowPlace({ useBatching: true });
    const waiting = Array.from({ length: 50 }, () => verdictOf(link, plan));
    expect(store.calls).toHaveLength(1);
    await store.answerAll();
    expect(store.calls.map(({ requests }) => requests)).toMatchObject([[{ need: 45, ahead: 4 }]]);
    await store.answerAll();
    expect(passed(await Promise.all(waiting))).toBe(50);
  });
  it('each ask without it, 16 at once, and only the first asks ahead', async () => {
    const { store, link, plan } = aSlowPlace();
    const waiting = Array.from({ length: 40 }, () => verdictOf(link, plan));
    expect(store.calls.map(({ requests }) => requests[0]!.ahead)).toEqual([4, ...Array<number>(15).fill(0)]);
    for (let round = 0; round < 5; round++) await store.answerAll();
    expect(passed(await Promise.all(waiting))).toBe(40);
  });
  it.each([0, 5])('of two buckets each get a token of both where %i may be held', async (maxUnsynchronizedTokens) => {
    const { store, link, plan, rates } = aSlowPlace({ useBatching: true, identifier: 'both', maxUnsynchronizedTokens });
    const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.3'];
    const waiting = addresses.map((address) => verdictOf(link, plan, { address }));
    const others = addresses.map((address) => verdictOf(link, plan, { address, userId: 'bob' }));
    for (let round = 0; round < 6; round++) await store.answerAll();
    expect(passed(await Promise.all([...waiting, ...others]))).toBe(8);
    expect(rates.counts.alone).toBe(0);
  });
  it('are let in in their order, as far as tokens go', async () => {
    const { store, link, plan } = aSlowPlace({ globalDefault: 7, useBatching: true });
    const waiting = Array.from({ length: 20 }, () => verdictOf(link, plan));
    for (let round = 0; round < 5; round++) await store.answerAll();
    const outcomes = await Promise.all(waiting);
    expect(outcomes).toEqual([...Array<string>(7).fill('in'), ...Array<string>(13).fill('user')]);
  });
  it('take nothing when their client goes, and what was meant for them is given back', async () => {
    const { store, link, plan, clock } = aSlowPlace({ useBatching: true, maxUnsynchronizedTokens: 1 });
    const listeners: (Cancellable | null)[] = [];
    const leaves: Cancellation = { cancelled: false, onCancel: (listener) => void listeners.push(listener) };
    const verdict = link.take(plan.bucketsOf(request()), leaves) as Promise<unknown>;
    listeners[0]!.cancel();
    expect(await verdict).toBe('gone');
    await store.answerAll();
    clock.advance(1000);
    expect(store.calls.map(({ requests }) => requests)).toMatchObject([[{ need: 0, returned: 1 }]]);
  });
  it('leave no more behind than may be held, however many of them go', async () => {
    const { store, link, plan } = aSlowPlace({ useBatching: true });
    const leaving: (Cancellable | null)[] = [];
    const leaves: Cancellation = { cancelled: false, onCancel: (listener) => void leaving.push(listener) };
    const waiting = Array.from({ length: 20 }, async () => link.take(plan.bucketsOf(request()), leaves));
    await store.answerAll();
    for (const listener of leaving) listener?.cancel();
    await store.answerAll();
    expect((await Promise.all(waiting)).filter((verdict) => verdict === 'gone')).toHaveLength(15);
    for (let times = 0; times < 4; times++) expect(link.take(plan.bucketsOf(request()), STAYS)).toBeNull();
    expect(link.take(plan.bucketsOf(request()), STAYS)).toBeInstanceOf(Promise);
    expect(store.calls.map(({ requests }) => requests)).toMatchObject([[{ need: 1, returned: 15 }]]);
  });
  it('do not begin to wait when their client has gone', async () => {
    const { store, link, plan } = aSlowPlace();
    const gone: Cancellation = { cancelled: true, onCancel: (listener) => listener?.cancel() };
    expect([await link.take(plan.bucketsOf(request()), gone), store.calls]).toEqual(['gone', []]);
  });
});

describe('a store that is away', () => {
  it('refuses nobody: the replica limits by itself, says so once, and looks for it', async () => {
    const { rates, told, clock } = theRates();
    const store = new ModelRateStore(() => clock.now());
    const link = rates.on(store);
    const plan = aPlan({ globalDefault: 10 });
    store.isAway = true;
    expect(passed(await verdicts(link, plan, 15))).toBe(10);
    expect([told, rates.away, store.asked.length]).toEqual([['refused'], [store], 1]);
    clock.advance(6000);
    await setImmediate();
    expect(passed(await verdicts(link, plan, 5))).toBe(1);
    store.isAway = false;
    for (let second = 0; second < 10; second++) {
      clock.advance(1000);
      await setImmediate();
    }
    expect([told, rates.away]).toEqual([['refused', null], []]);
    expect(passed(await verdicts(link, plan, 15))).toBe(10);
  });
  it('begins with what was known to be left', async () => {
    const { rates, clock } = theRates();
    const store = new ModelRateStore(() => clock.now());
    const link = rates.on(store);
    const plan = aPlan({ globalDefault: 10 });
    await verdicts(link, plan, 8);
    store.isAway = true;
    expect(passed(await verdicts(link, plan, 10))).toBe(2);
  });
  it('lets those go on who wait for it', async () => {
    const { store, link, plan, told } = aSlowPlace({ useBatching: true });
    const waiting = Array.from({ length: 20 }, () => verdictOf(link, plan));
    store.calls[0]!.fail();
    expect(passed(await Promise.all(waiting))).toBe(20);
    expect(told).toEqual(['refused']);
  });
  it('is looked for ever less often, and no more when the process ends', async () => {
    const { rates, clock } = theRates();
    const store = new ModelRateStore(() => clock.now());
    store.isAway = true;
    await verdictOf(rates.on(store), aPlan({ globalDefault: 10 }));
    for (let second = 0; second < 60; second++) {
      clock.advance(1000);
      await setImmediate();
    }
    expect(store.asked.length).toBeLessThan(14);
    await rates.flush(0);
    expect(clock.waits).toEqual([]);
  });
});

describe('4 replicas of one limit', () => {
  it('let in no more than docs/rate-limits.md says in any window, and no less than the bucket but for what is leased', async () => {
    const steps = fc.array(
      fc.record({
        replica: fc.nat(3),
        pause: fc.oneof(fc.constant(0), fc.nat(2000), fc.constantFrom(0, 30_000, 60_000)),
        burst: fc.integer({ min: 1, max: 30 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    const shapes = fc.record({ limit: fc.integer({ min: 1, max: 60 }), held: fc.nat(12), useBatching: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(steps, shapes, async (run, { limit, held, useBatching }) => {
        const clock = new ManualClock();
        const store = new ModelRateStore(() => clock.now());
        const replicas = Array.from({ length: 4 }, () => theRates({ clock }).rates.on(store));
        const plan = aPlan({ globalDefault: limit, maxUnsynchronizedTokens: held, useBatching });
        const times: number[] = [];
        for (const { replica, pause, burst } of run) {
          clock.advance(pause);
          await setImmediate();
          const outcomes = await Promise.all(Array.from({ length: burst }, () => verdictOf(replicas[replica]!, plan)));
          for (let index = 0; index < passed(outcomes); index++) times.push(clock.now());
        }
        for (const [first, from] of times.entries()) {
          for (const [last, to] of times.entries()) {
            if (last < first) continue;
            const bound = limit * (1 + (to - from) / 60_000) + 4 * Math.max(0, held - 1);
            expect(last - first + 1).toBeLessThanOrEqual(bound);
          }
        }
        expect(times.length).toBeGreaterThanOrEqual(Math.min(limit, run[0]!.burst));
      }),
      { numRuns: 60 },
    );
  });
});

describe('whatever comes when', () => {
  it('every request is answered, and the store lacks as many tokens as were let in', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('take' as const), user: fc.nat(2), address: fc.nat(1), leaves: fc.boolean() }),
      fc.record({ kind: fc.constant('answer' as const), which: fc.nat(5) }),
      fc.record({ kind: fc.constant('leave' as const), which: fc.nat(5) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(10, 1000, 31_000) }),
    );
    const terms = fc.record({ useBatching: fc.boolean(), maxUnsynchronizedTokens: fc.nat(6) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), terms, async (run, given) => {
        const limits = { identifier: 'both', period: 'P366D', globalDefault: 1000 };
        const { rates, store, link, plan, clock } = aSlowPlace({ ...limits, ...given });
        const outcomes: unknown[] = [];
        const leaving: (Cancellable | null)[] = [];
        let taken = 0;
        for (const each of run) {
          if (each.kind === 'take') {
            const cancellation = {
              cancelled: false,
              onCancel: (listener: Cancellable | null) => void leaving.push(listener),
            };
            const buckets = plan.bucketsOf(request({ userId: `u${each.user}`, address: `192.0.2.${each.address}` }));
            taken++;
            void Promise.resolve(link.take(buckets, each.leaves ? cancellation : STAYS)).then((verdict) =>
              outcomes.push(verdict),
            );
          } else if (each.kind === 'answer') store.calls.splice(each.which, 1)[0]?.answer();
          else if (each.kind === 'leave') leaving.splice(each.which, 1)[0]?.cancel();
          else clock.advance(each.ms);
          await setImmediate();
        }
        while (store.calls.length > 0) await store.answerAll();
        expect([outcomes.length, rates.counts.alone]).toEqual([taken, 0]);
        const flushed = rates.flush(1000);
        await store.answerAll();
        await flushed;
        expect(store.model.missing).toBe(2 * outcomes.filter((verdict) => verdict === null).length);
      }),
      { numRuns: 100 },
    );
  });
});
