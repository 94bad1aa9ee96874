import { describe, expect, it } from '@jest/globals';
import { anExchange } from '../../../test/support/an-exchange.js';
import type { RetryRule } from '../../contracts/records.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { jsonAnswer, type Answer } from '../stage.js';
import { guardedCall, type CallGuards } from './guarded-call.js';
import type { GateOutcome } from './gate.js';
import { RetryRules } from './retry-rules.js';

const GOOD = jsonAnswer(200, '{}');
const AWAY = new GatewayError('BACKEND_UNREACHABLE');
const NONE: CallGuards = { bulkhead: null, breaker: null, retry: null, retryAfterSeconds: null, counts: null };
const retrying = (record: RetryRule = {}): CallGuards => ({
  ...NONE,
  retry: RetryRules.of({ retryCount: 2, ...record }),
});

/** A backend that gives one result after another, the last one for ever. */
function aBackend(...results: readonly (Answer | Error)[]) {
  const state = { calls: 0 };
  const once = (): Promise<Answer> => {
    const result = results[Math.min(state.calls++, results.length - 1)]!;
    return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
  };
  return { state, once };
}

class FakeBreaker {
  readonly told: string[] = [];
  readonly stateName = 'open';
  constructor(private readonly refusesFrom = Infinity) {}
  acquire() {
    const isOpen = this.told.length >= this.refusesFrom;
    return isOpen ? ({ kind: 'refused', retryAfterMs: 1500 } as const) : null;
  }
  record(_durationMs: number, outcome: string): void {
    this.told.push(outcome);
  }
  release(): void {
    this.told.push('released');
  }
}

class FakeBulkhead {
  inside = 0;
  constructor(private readonly outcome: GateOutcome | Promise<GateOutcome> = null) {}
  enter(): never {
    if (this.outcome === null) this.inside++;
    return this.outcome as never;
  }
  leave(): void {
    this.inside--;
  }
}

describe('tries', () => {
  it('go on until one is good', async () => {
    const { state, once } = aBackend(AWAY, jsonAnswer(500, '{}'), GOOD);
    expect(await guardedCall(anExchange(), retrying(), once)).toBe(GOOD);
    expect(state.calls).toBe(3);
  });
  it('end after the count, with what the last one gave', async () => {
    const { state, once } = aBackend(AWAY);
    await expect(guardedCall(anExchange(), retrying(), once)).rejects.toBe(AWAY);
    expect(state.calls).toBe(3);
  });
  it('are not made of a body that is read once', async () => {
    const { state, once } = aBackend(AWAY, GOOD);
    const exchange = anExchange();
    exchange.body = ReadableOnce;
    await expect(guardedCall(exchange, retrying(), once)).rejects.toBe(AWAY);
    expect(state.calls).toBe(1);
  });
  it('end when the client goes, also while they wait', async () => {
    const { state, once } = aBackend(AWAY);
    const exchange = anExchange();
    const called = guardedCall(exchange, retrying({ retryAfter: 60_000 }), once);
    await new Promise(setImmediate);
    exchange.cancel();
    await expect(called).rejects.toThrow(GatewayError);
    expect(state.calls).toBe(1);
  });
  it('end where the next would begin after the time of all of them', async () => {
    const { state, once } = aBackend(AWAY);
    const exchange = anExchange();
    exchange.deadline = Date.now() + 1000;
    await expect(guardedCall(exchange, retrying({ retryAfter: 5000 }), once)).rejects.toBe(AWAY);
    expect(state.calls).toBe(1);
  });
  it('let go of an answer that streams', async () => {
    let cancelled = false;
    const body = {
      deliver: () => undefined,
      resume: () => undefined,
      whole: () => null,
      cancel: () => (cancelled = true),
    };
    const failed = { ...jsonAnswer(502, ''), body } as unknown as Answer;
    const { once } = aBackend(failed, GOOD);
    expect(await guardedCall(anExchange(), retrying(), once)).toBe(GOOD);
    expect(cancelled).toBe(true);
  });
  it('leave nothing of a failed one in the record', async () => {
    const exchange = anExchange();
    const { once } = aBackend(jsonAnswer(500, '{}'), GOOD);
    exchange.error = 'RUNNER_ERROR';
    exchange.cause = 'the first try';
    await guardedCall(exchange, retrying(), once);
    expect([exchange.error, exchange.cause]).toEqual([null, null]);
  });
});

describe('a breaker', () => {
  it('is told of each try, and passed by each', async () => {
    const breaker = new FakeBreaker();
    const { once } = aBackend(AWAY, GOOD);
    await guardedCall(anExchange(), { ...retrying(), breaker }, once);
    expect(breaker.told).toEqual(['failure', 'success']);
  });
  it('that opens ends the tries with 503 and Retry-After', async () => {
    const { state, once } = aBackend(AWAY);
    const refused = await guardedCall(anExchange(), { ...retrying(), breaker: new FakeBreaker(1) }, once);
    expect(refused).toMatchObject({ kind: 'refusal', error: 'BREAKER_OPEN', retryAfterSeconds: 2 });
    expect(state.calls).toBe(1);
  });
  it('gets its permit back for what says nothing about the backend', async () => {
    const breaker = new FakeBreaker();
    const { once } = aBackend(new GatewayError('SYSTEM_BUSY'));
    await expect(guardedCall(anExchange(), { ...NONE, breaker }, once)).rejects.toThrow();
    expect(breaker.told).toEqual(['released']);
  });
});

describe('a bulkhead', () => {
  it('is held until the exchange ends', async () => {
    const bulkhead = new FakeBulkhead();
    const exchange = anExchange();
    await guardedCall(exchange, { ...NONE, bulkhead }, aBackend(GOOD).once);
    expect([bulkhead.inside, exchange.place]).toEqual([1, bulkhead]);
  });
  it('that is full is 503, with the Retry-After of the system where it says one', async () => {
    const bulkhead = new FakeBulkhead({ kind: 'refused', retryAfterMs: null });
    const { state, once } = aBackend(GOOD);
    const refused = await guardedCall(anExchange(), { ...NONE, bulkhead, retryAfterSeconds: 7 }, once);
    expect(refused).toMatchObject({ error: 'BULKHEAD_FULL', retryAfterSeconds: 7 });
    expect(await guardedCall(anExchange(), { ...NONE, bulkhead }, once)).toMatchObject({ retryAfterSeconds: 30 });
    expect(state.calls).toBe(0);
  });
  it('calls nobody for a client that went while it waited', async () => {
    const { state, once } = aBackend(GOOD);
    const bulkhead = new FakeBulkhead(Promise.resolve('gone' as const));
    await expect(guardedCall(anExchange(), { ...NONE, bulkhead }, once)).rejects.toThrow();
    expect(state.calls).toBe(0);
  });
  it('is left at once where the exchange has ended meanwhile', async () => {
    const bulkhead = new FakeBulkhead();
    const exchange = anExchange();
    exchange.ended = true;
    await expect(guardedCall(exchange, { ...NONE, bulkhead }, aBackend(GOOD).once)).rejects.toThrow();
    expect(bulkhead.inside).toBe(0);
  });
});

const ReadableOnce = { read: () => null } as never;
