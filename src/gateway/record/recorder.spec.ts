import { describe, expect, it } from '@jest/globals';
import { anExchange } from '../../../test/support/an-exchange.js';
import type { Exchange } from '../exchange.js';
import { Recorder } from './recorder.js';

function recorded(exchange: Exchange): Exchange {
  const seen: Exchange[] = [];
  const metrics = { count: (counted: Exchange) => void seen.push(counted) };
  const log = { write: (written: Exchange) => void seen.push(written) };
  new Recorder(metrics as never, log as never).record(exchange);
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
