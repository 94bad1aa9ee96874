import { describe, expect, it } from '@jest/globals';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { RecordedRequest, RecordedTry } from '../../contracts/request-spans.js';
import { spansOf } from './spans-of.js';

const resource = resourceFromAttributes({ 'service.name': 'sluice' });
const aRequest = (given: Partial<RecordedRequest> = {}): RecordedRequest => ({
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  parentSpanId: null,
  requestId: 'gw-1-7',
  startedAt: 1000,
  endedAt: 1012.5,
  startedEpochMs: 1_800_000_000_999,
  method: 'POST',
  path: '/api/request/orders/list',
  httpVersion: '1.1',
  host: 'api.example:8080',
  userAgent: 'curl/8',
  channel: 'orders',
  status: 200,
  error: null,
  attempts: 0,
  tries: [],
  ...given,
});
const aTry = (given: Partial<RecordedTry> = {}): RecordedTry => ({
  spanId: 'c'.repeat(16),
  startedAt: 1002,
  endedAt: 1010,
  status: 200,
  error: null,
  instance: null,
  times: 0,
  ...given,
});
const of = (given: Partial<RecordedRequest> = {}) => spansOf(aRequest(given), resource);
const attributesOf = (given: Partial<RecordedRequest> = {}) => of(given)[0]!.attributes;

describe('the span of a request', () => {
  it('is one of a server, named by method and channel', () => {
    const [span, ...others] = of();
    expect(others).toEqual([]);
    expect(span).toMatchObject({ name: 'POST orders', kind: 1, status: { code: 0 }, resource });
    expect(span!.spanContext()).toMatchObject({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 });
    expect(span!.parentSpanContext).toBeUndefined();
  });
  it('has the attributes of the semantic conventions, and ours', () => {
    expect(attributesOf({ attempts: 2 })).toEqual({
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'network.protocol.version': '1.1',
      'url.path': '/api/request/orders/list',
      'user_agent.original': 'curl/8',
      'server.address': 'api.example',
      'server.port': 8080,
      'sluice.channel': 'orders',
      'sluice.request_id': 'gw-1-7',
      'sluice.attempts': 2,
    });
  });
  it('lies at the time of day of its request, to the microsecond', () => {
    const [span] = of();
    expect([span!.startTime, span!.endTime, span!.duration]).toEqual([
      [1_800_000_000, 999_000_000],
      [1_800_000_001, 11_500_000],
      [0, 12_500_000],
    ]);
  });
  it('is a child of the client’s span, which is elsewhere', () => {
    const [span] = of({ parentSpanId: 'd'.repeat(16) });
    expect(span!.parentSpanContext).toMatchObject({ spanId: 'd'.repeat(16), isRemote: true });
  });
  it('of no channel, and of a method that nobody knows, has a bounded name', () => {
    const [span] = of({ channel: null, method: 'EVIL42', status: 405, error: 'METHOD_NOT_ALLOWED' });
    expect(span!.name).toBe('HTTP none');
    expect(span!.attributes).toMatchObject({ 'http.request.method': '_OTHER', 'error.type': 'METHOD_NOT_ALLOWED' });
    expect(span!.attributes).not.toHaveProperty('sluice.channel');
  });
  it.each([
    [200, 0],
    [404, 0],
    [499, 0],
    [500, 2],
    [504, 2],
  ])('with status %i has the status code %i', (status, code) => {
    expect(of({ status, error: 'X' })[0]!.status).toEqual({ code });
  });
  it('of a 5xx without a name has its status as the type of error', () => {
    expect(attributesOf({ status: 503 })['error.type']).toBe('503');
  });
  it('holds no more of what clients send than a bound', () => {
    const { 'user_agent.original': agent, 'url.path': path } = attributesOf({
      userAgent: 'x'.repeat(10_000),
      path: `/${'y'.repeat(10_000)}`,
    });
    expect([String(agent).length, String(path).length]).toEqual([256, 1024]);
  });
  it.each([
    ['api.example', { 'server.address': 'api.example' }],
    ['[::1]:8443', { 'server.address': '[::1]', 'server.port': 8443 }],
  ])('has the server of Host: %s', (host, expected) => {
    expect(attributesOf({ host })).toMatchObject(expected);
  });
  it.each([null, '', 'user:password@host', 'x'.repeat(300), 'a:b'])('has no server of Host: %s', (host) => {
    expect(Object.keys(attributesOf({ host })).filter((name) => name.startsWith('server.'))).toEqual([]);
  });
  it('has nothing of what was not there', () => {
    expect(Object.keys(attributesOf({ path: '', userAgent: null, host: null })).sort()).toEqual([
      ...['http.request.method', 'http.response.status_code', 'network.protocol.version'],
      ...['sluice.channel', 'sluice.request_id'],
    ]);
  });
});

describe('the span of a try', () => {
  it('is one of a client, within the request’s', () => {
    const [, span] = of({ attempts: 1, tries: [aTry()] });
    expect(span).toMatchObject({ name: 'POST orders', kind: 2, status: { code: 0 }, duration: [0, 8_000_000] });
    expect(span!.spanContext().spanId).toBe('c'.repeat(16));
    expect(span!.parentSpanContext).toMatchObject({ spanId: 'b'.repeat(16), isRemote: false });
    expect(span!.startTime).toEqual([1_800_000_001, 1_000_000]);
    expect(span!.attributes).toEqual({
      'sluice.channel': 'orders',
      'sluice.attempt': 1,
      'http.response.status_code': 200,
    });
  });
  it('tells the instance that it was sent to, and by which method', () => {
    const instance = { system: 'orders', method: 'PUT', host: '10.0.0.7', port: 8080 };
    const [, span] = of({ tries: [aTry({ instance, times: 1 })] });
    expect(span!.attributes).toEqual({
      ...{ 'sluice.channel': 'orders', 'sluice.system': 'orders', 'sluice.attempt': 1 },
      ...{ 'http.request.method': 'PUT', 'http.response.status_code': 200 },
      ...{ 'server.address': '10.0.0.7', 'server.port': 8080 },
    });
  });
  it('that moved tells how many times an instance was asked, and the last of them', () => {
    const instance = { system: 'orders', method: 'POST', host: 'fd00::1', port: 80 };
    const [, span] = of({ tries: [aTry({ instance, times: 3 })] });
    expect(span!.attributes).toMatchObject({ 'server.address': 'fd00::1', 'sluice.instances_asked': 3 });
  });
  it('of a runner that reports an error with a good status is in error', () => {
    const [, span] = of({ tries: [aTry({ status: 200, error: 'RUNNER_ERROR' })] });
    expect(span!.attributes).toMatchObject({ 'http.response.status_code': 200, 'error.type': 'RUNNER_ERROR' });
    expect(span!.status.code).toBe(2);
  });
  it('after the first tells how often it was sent again', () => {
    const [, , span] = of({ attempts: 2, tries: [aTry({ error: 'BACKEND_TIMEOUT', status: null }), aTry()] });
    expect(span!.attributes).toMatchObject({ 'sluice.attempt': 2, 'http.request.resend_count': 1 });
  });
  it.each([
    [{ status: null, error: 'BACKEND_TIMEOUT' }, 'BACKEND_TIMEOUT', 2],
    [{ status: 404 }, '404', 2],
    [{ status: 503 }, '503', 2],
    [{ status: 302 }, undefined, 0],
    [{ status: null }, undefined, 0],
  ])('that ended with %j has the error %s', (given, type, code) => {
    const [, span] = of({ tries: [aTry(given)] });
    expect([span!.attributes['error.type'], span!.status.code]).toEqual([type, code]);
  });
  it('never ends before it began', () => {
    const [, span] = of({ tries: [aTry({ startedAt: 1005, endedAt: 1004 })] });
    expect(span!.duration).toEqual([0, 0]);
  });
});
