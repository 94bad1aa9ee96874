import { describe, expect, it } from '@jest/globals';
import { aCompiledChannel, anExchange, unplanned } from '../../../test/support/an-exchange.js';
import type { RecordedRequest } from '../../contracts/request-spans.js';
import type { Exchange } from '../exchange.js';
import { Recorder } from './recorder.js';

function recorded(exchange: Exchange): Exchange {
  const seen: Exchange[] = [];
  const metrics = { count: (counted: Exchange) => void seen.push(counted) };
  const log = { write: (written: Exchange) => void seen.push(written) };
  new Recorder(metrics as never, log as never, null).record(exchange);
  expect(seen).toEqual([exchange, exchange]);
  return exchange;
}

describe('the record of an exchange', () => {
  it('ends a call with its client, where the client did not wait for it', () => {
    const exchange = anExchange();
    exchange.calledAt = performance.now();
    expect(recorded(exchange).calledTill).toBeGreaterThanOrEqual(exchange.calledAt);
  });
  it('leaves the end of a call as it was', () => {
    const exchange = anExchange();
    [exchange.calledAt, exchange.calledTill] = [1, 2];
    expect(recorded(exchange).calledTill).toBe(2);
  });
  it('has no end of a call that was not made', () => {
    expect(recorded(anExchange()).calledTill).toBe(0);
  });
});

/** What goes into the spans of these exchanges. */
function spanned(...exchanges: Exchange[]): RecordedRequest[] {
  const requests: RecordedRequest[] = [];
  const recorder = new Recorder({ count: () => undefined } as never, { write: () => undefined } as never, {
    record: (request) => void requests.push(request),
  });
  for (const exchange of exchanges) recorder.record(exchange);
  return requests;
}
const aSpannedExchange = (given: Parameters<typeof anExchange>[0] = {}): Exchange =>
  anExchange({ channel: aCompiledChannel('event', { id: 'orders' }), ...given });

describe('the spans of an exchange', () => {
  it('tell who asked for what, and what came of it', () => {
    const exchange = aSpannedExchange({
      method: 'POST',
      path: '/api/request/orders/list',
      query: 'key=hidden',
      requestId: 'gw-1-7',
      headers: { host: 'api.example', 'user-agent': 'curl/8', authorization: 'Bearer hidden', cookie: 'a=hidden' },
    });
    exchange.status = 200;
    const [request] = spanned(exchange);
    expect(request).toEqual({
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      parentSpanId: null,
      requestId: 'gw-1-7',
      startedAt: exchange.startedAt,
      endedAt: expect.any(Number),
      startedEpochMs: exchange.startedEpochMs,
      method: 'POST',
      path: '/api/request/orders/list',
      httpVersion: '1.1',
      host: 'api.example',
      userAgent: 'curl/8',
      channel: 'orders',
      status: 200,
      error: null,
      attempts: 0,
      tries: [],
    });
  });
  it('have each try, and end one that its client did not wait for', () => {
    const exchange = aSpannedExchange();
    const [first, second] = [exchange.beginTry(5), exchange.beginTry(8)];
    first.ended(7);
    const [request] = spanned(exchange);
    expect(request!.tries).toEqual([
      { spanId: first.spanId, startedAt: 5, endedAt: 7, status: null, error: null, instance: null, times: 0 },
      {
        spanId: second.spanId,
        startedAt: 8,
        endedAt: request!.endedAt,
        status: null,
        error: null,
        instance: null,
        times: 0,
      },
    ]);
  });
  it('are not made where the trace is not sampled', () => {
    const exchange = aSpannedExchange();
    exchange.knownTrace = { ...exchange.trace, sampled: false };
    expect(spanned(exchange)).toEqual([]);
  });
  it('are made of a refusal, and not of health and metrics pages', () => {
    const refused = anExchange();
    refused.error = 'NOT_FOUND';
    expect(spanned(refused, anExchange())).toMatchObject([{ error: 'NOT_FOUND', channel: null }]);
  });
  it('are not asked for where nobody exports them', () => {
    const exchange = aSpannedExchange();
    exchange.knownTrace = null;
    Object.defineProperty(exchange, 'trace', { get: () => unplanned('the trace') });
    recorded(exchange);
  });
});
