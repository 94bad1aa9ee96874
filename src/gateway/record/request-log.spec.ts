import { describe, expect, it } from '@jest/globals';
import { aCompiledChannel, anExchange, aRule, unplanned } from '../../../test/support/an-exchange.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { LogLevel, ProcessLog } from '../../observability/logger.js';
import { RequestLog } from './request-log.js';

const LEVELS: LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

function aLog(mode: 'all' | 'errors' | 'none' = 'all', level: LogLevel = 'info') {
  const lines: string[] = [];
  const log = {
    log: unplanned,
    isOn: (asked: LogLevel) => LEVELS.indexOf(asked) >= LEVELS.indexOf(level),
    writeLine: (line: string) => lines.push(line),
  } as unknown as ProcessLog;
  const requestLog = new RequestLog(log, mode, 'admin-prod');
  const line = (): Record<string, unknown> => JSON.parse(lines[0] ?? unplanned('no line')) as Record<string, unknown>;
  return { requestLog, lines, line };
}
function anEnded(status = 200) {
  const exchange = anExchange({ method: 'POST', path: '/api/request/orders/list', requestId: 'admin-prod-1-7' });
  exchange.status = status;
  exchange.responseBytes = 42;
  if (status >= 500) exchange.error = 'BACKEND_UNREACHABLE';
  return exchange;
}

describe('the line of a request', () => {
  it('tells who asked for what, and what came of it', () => {
    const { requestLog, line, lines } = aLog();
    const exchange = anEnded();
    exchange.channel = aCompiledChannel('event', { id: 'orders' });
    exchange.branch = 'dev';
    requestLog.write(exchange, exchange.startedAt + 12.346, null);
    expect(line()).toEqual({
      level: 30,
      time: expect.any(Number),
      gateway: 'admin-prod',
      msg: 'request',
      requestId: 'admin-prod-1-7',
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      channel: 'orders',
      branch: 'dev',
      method: 'POST',
      path: '/api/request/orders/list',
      status: 200,
      ms: 12.35,
      bytes: 42,
      peer: '192.0.2.1',
    });
    expect(lines[0]!.match(/\n/g)).toHaveLength(1);
  });
  it('has the times before and in the backend, and the attempts, where there was a call', () => {
    const { requestLog, line } = aLog();
    const exchange = anEnded();
    exchange.attempts = 2;
    exchange.calledAt = exchange.startedAt + 1;
    exchange.calledTill = exchange.calledAt + 8;
    requestLog.write(exchange, exchange.startedAt + 10, null);
    expect(line()).toMatchObject({ ms: 10, beforeMs: 1, backendMs: 8, attempts: 2 });
  });
  it('of a refusal has its code and its name, at level info', () => {
    const { requestLog, line } = aLog();
    const exchange = anEnded(401);
    exchange.code = 401;
    exchange.error = 'TOKEN_MISSING';
    requestLog.write(exchange, exchange.startedAt, null);
    expect(line()).toMatchObject({ level: 30, code: 401, error: 'TOKEN_MISSING' });
  });
  it('of a call that a limit refused tells which', () => {
    const { requestLog, line } = aLog();
    const exchange = anEnded(429);
    const limit = { rule: 'user', scope: 'path', policy: 'ip-path', most: 5, periodMs: 60_000 } as const;
    exchange.limit = limit;
    requestLog.write(exchange, exchange.startedAt, null);
    expect(line().limit).toEqual(limit);
  });
  it('of a fault has the chain of its causes, at level error', () => {
    const { requestLog, line } = aLog();
    const exchange = anEnded(502);
    const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
    exchange.cause = new GatewayError('BACKEND_UNREACHABLE', { cause });
    requestLog.write(exchange, exchange.startedAt, null);
    expect(line()).toMatchObject({
      level: 50,
      cause: 'the backend cannot be reached: connect refused (ECONNREFUSED)',
    });
  });
  it('of a probe that says "not ready" is no error', () => {
    const { requestLog, line } = aLog();
    const exchange = anEnded(503);
    exchange.error = null;
    requestLog.write(exchange, exchange.startedAt, null);
    expect(line()).toMatchObject({ level: 30, status: 503 });
  });
  it('ends a chain of causes that leads round in circles', () => {
    const { requestLog, line } = aLog();
    const exchange = anEnded(500);
    const error = new Error('a');
    error.cause = error;
    exchange.cause = error;
    requestLog.write(exchange, exchange.startedAt, null);
    expect(line().cause).toBe('a: a: a: a: a');
  });
  it('is one line of JSON whatever path and id hold', () => {
    const { requestLog, line, lines } = aLog();
    const exchange = anExchange({ path: '/a"\n\u2028', requestId: '"\\' });
    exchange.status = 200;
    requestLog.write(exchange, exchange.startedAt, null);
    expect(line()).toMatchObject({ path: '/a"\n\u2028', requestId: '"\\' });
    expect(lines[0]!.indexOf('\n')).toBe(lines[0]!.length - 1);
  });
  it('of a client that went away has the status 499', () => {
    const { requestLog, line } = aLog();
    requestLog.write(anEnded(499), 0, null);
    expect(line()).toMatchObject({ level: 30, status: 499 });
  });
});

describe('log.requests', () => {
  const written = (mode: 'all' | 'errors' | 'none', status: number, level: LogLevel = 'info') => {
    const { requestLog, lines } = aLog(mode, level);
    requestLog.write(anEnded(status), 0, null);
    return lines.length;
  };

  it('all writes every line', () => {
    expect([written('all', 200), written('all', 404), written('all', 502)]).toEqual([1, 1, 1]);
  });
  it('errors writes those from 400 on', () => {
    expect([written('errors', 200), written('errors', 399), written('errors', 400), written('errors', 502)]).toEqual([
      ...[0, 0, 1, 1],
    ]);
  });
  it('none writes nothing', () => {
    expect([written('none', 200), written('none', 502)]).toEqual([0, 0]);
  });
  it('writes nothing below log.level', () => {
    expect([written('all', 200, 'error'), written('all', 502, 'error'), written('all', 502, 'fatal')]).toEqual([
      0, 1, 0,
    ]);
  });
});

describe('the payload of a request in the log', () => {
  const wants = (given: { level?: LogLevel; detail?: boolean; mode?: 'all' | 'none' }) => {
    const rule = aRule({ logsDetailAsInfo: given.detail ?? false });
    return aLog(given.mode, given.level).requestLog.wantsDetail(anExchange({ rule }));
  };

  it('is wanted at level trace, at info where the rule says so, and never without lines', () => {
    expect([
      wants({}),
      wants({ level: 'trace' }),
      wants({ detail: true }),
      wants({ detail: true, mode: 'none' }),
    ]).toEqual([...[false, true, true, false]]);
  });
  it('is not wanted of a request without a rule', () => {
    expect(aLog().requestLog.wantsDetail(anExchange())).toBe(false);
  });
  it('stands in the line with its secrets hidden', () => {
    const { requestLog, line } = aLog();
    const exchange = anEnded();
    exchange.parameters = '{"user":"ada","password":"hunter2"}';
    requestLog.write(exchange, 0, '{"gateway_token":"hunter2","n":1}');
    expect(line().detail).toEqual({
      request: { user: 'ada', password: '********' },
      answer: { gateway_token: '********', n: 1 },
    });
  });
  it('has no value at all where bodies are secret: there a password may have any name', () => {
    const { requestLog, line } = aLog();
    const exchange = anEnded();
    exchange.bodiesAreSecret = true;
    exchange.parameters = '{"user":"hunter2","pin":1234}';
    requestLog.write(exchange, 0, '{"stage":"otp","transactionId":"hunter2"}');
    expect(line().detail).toEqual({
      request: { user: '********', pin: '********' },
      answer: { stage: '********', transactionId: '********' },
    });
  });
  it('of more than 16,384 characters is a note of its length', () => {
    const { requestLog, line } = aLog();
    const exchange = anEnded();
    exchange.parameters = `"${'x'.repeat(16_383)}"`;
    requestLog.write(exchange, 0, `"${'x'.repeat(16_382)}"`);
    expect(line().detail).toEqual({ request: '(16385 characters)', answer: 'x'.repeat(16_382) });
  });
});
