import { describe, expect, it } from '@jest/globals';
import { aCompiledChannel, anExchange } from '../../../test/support/an-exchange.js';
import { eventText, requestMetaText } from './event.js';

interface EventView {
  readonly requestMeta: Record<string, unknown>;
  readonly sagaMeta: unknown[];
  readonly eventMeta: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
}

function aCall(
  given: { method?: string; channel?: string; branch?: string; runnerPath?: string; parameters?: string } = {},
) {
  const channel = aCompiledChannel('event', { id: given.channel ?? 'orders' });
  const exchange = anExchange({ method: given.method ?? 'POST', channel, requestId: 'default-1-7' });
  exchange.branch = given.branch ?? 'main';
  exchange.runnerPath = given.runnerPath ?? '/list';
  exchange.parameters = given.parameters ?? '{}';
  return exchange;
}
const event = (given: Parameters<typeof aCall>[0] = {}, origin = '{"ip":"192.0.2.1"}') =>
  JSON.parse(eventText(aCall(given), origin)) as EventView;

describe('the event of a call', () => {
  it('tells who asks for what in requestMeta', () => {
    expect(event().requestMeta).toEqual({
      id: 'default-1-7',
      channel: 'orders',
      path: '/list',
      method: 'POST',
      branch: 'main',
      origin: { ip: '192.0.2.1' },
      claims: {},
      startDT: expect.any(Number),
    });
  });
  it('begins when the request did, in ms since 1970', () => {
    const exchange = aCall();
    const meta = JSON.parse(requestMetaText(exchange, '{}')) as { startDT: number };
    expect(meta.startDT).toBe(exchange.startedEpochMs);
  });
  it('is sent now, and not before it began', () => {
    const { requestMeta, eventMeta } = event();
    expect(Math.abs(Number(eventMeta.requestTime) - Date.now())).toBeLessThan(5000);
    expect(Number(eventMeta.requestTime)).toBeGreaterThanOrEqual(Number(requestMeta.startDT));
  });
  it('has empty sagaMeta and event parameters', () => {
    const { sagaMeta, eventMeta } = event();
    expect([sagaMeta, eventMeta.parameters]).toEqual([[], {}]);
  });
  it('has the parameters of the client below payload.parameters, as they were written', () => {
    const parameters = '{ "id":9007199254740993, "price": 1.10, "__proto__":1 }';
    expect(eventText(aCall({ parameters }), '{}')).toContain(`"payload":{"parameters":${parameters}}`);
  });
  it('never holds what authenticated the client', () => {
    const exchange = anExchange({
      headers: { authorization: 'Bearer hunter2', 'rierino-auth.token': 'hunter2', cookie: 'gateway_token=hunter2' },
      channel: aCompiledChannel(),
    });
    expect(eventText(exchange, '{}')).not.toContain('hunter2');
    expect(JSON.parse(requestMetaText(exchange, '{}')) as object).not.toHaveProperty('auth');
  });
  it('has the method GET for HEAD, which runs as GET', () => {
    expect([event({ method: 'HEAD' }).requestMeta.method, event({ method: 'DELETE' }).requestMeta.method]).toEqual([
      'GET',
      'DELETE',
    ]);
  });
  it('is JSON whatever stands in ids, paths and branches', () => {
    const { requestMeta } = event({ channel: 'a"b', runnerPath: '/x"\\\u2028é', branch: 'b"' });
    expect(requestMeta).toMatchObject({ channel: 'a"b', path: '/x"\\\u2028é', branch: 'b"' });
  });
});
