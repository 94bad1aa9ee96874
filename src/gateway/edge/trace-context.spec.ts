import { describe, expect, it } from '@jest/globals';
import { traceContext, traceparent } from './trace-context.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const NEW_TRACE = /^(?!0af7)[0-9a-f]{32}$/;
const accepted = (headers: Record<string, string>) => traceContext(headers, true);

describe('a trace', () => {
  it('is new where the client may give none', () => {
    const trace = traceContext({ traceparent: `00-${TRACE}-${SPAN}-01` }, false);
    expect(trace.traceId).toMatch(NEW_TRACE);
    expect(trace.sampled).toBe(true);
  });
  it('is new where the client gives none', () => {
    expect(accepted({}).traceId).toMatch(NEW_TRACE);
  });
  it('has ids of its own each time, a hundred thousand times', () => {
    const seen = new Set<string>();
    for (let count = 0; count < 100_000; count++) {
      const { traceId, spanId } = traceContext({}, false);
      if (count % 1000 === 0) expect([traceId.length, spanId.length]).toEqual([32, 16]);
      seen.add(traceId);
    }
    expect(seen.size).toBe(100_000);
  });
  it('is told to the runner as a traceparent of version 00', () => {
    expect(traceparent({ traceId: TRACE, spanId: SPAN, sampled: true })).toBe(`00-${TRACE}-${SPAN}-01`);
    expect(traceparent({ traceId: TRACE, spanId: SPAN, sampled: false })).toBe(`00-${TRACE}-${SPAN}-00`);
  });
});

describe('the traceparent of a client (W3C Trace Context, 3.2)', () => {
  it('is continued with a span of our own', () => {
    const trace = accepted({ traceparent: `00-${TRACE}-${SPAN}-01` });
    expect([trace.traceId, trace.sampled]).toEqual([TRACE, true]);
    expect(trace.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(trace.spanId).not.toBe(SPAN);
  });
  it.each([
    ['00', false],
    ['01', true],
    ['02', false],
    ['03', true],
    ['ff', true],
  ])('with flags %s is sampled: %s', (flags, sampled) => {
    expect(accepted({ traceparent: `00-${TRACE}-${SPAN}-${flags}` })).toMatchObject({ traceId: TRACE, sampled });
  });
  it('of a later version may have further fields', () => {
    expect(accepted({ traceparent: `01-${TRACE}-${SPAN}-01-what-ever` }).traceId).toBe(TRACE);
    expect(accepted({ traceparent: `cc-${TRACE}-${SPAN}-01` }).traceId).toBe(TRACE);
  });
  it.each([
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['further fields in version 00', `00-${TRACE}-${SPAN}-01-x`],
    ['further text without a dash', `01-${TRACE}-${SPAN}-01x`],
    ['a trace id of zeroes', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span id of zeroes', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capital letters', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a long span id', `00-${TRACE}-${SPAN}0-01`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['a letter that is no digit', `00-${TRACE.replace('0', 'g')}-${SPAN}-01`],
    ['blanks around', ` 00-${TRACE}-${SPAN}-01`],
    ['two values', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['nothing', ''],
  ])('with %s begins a new trace', (_what, value) => {
    expect(accepted({ traceparent: value }).traceId).toMatch(NEW_TRACE);
  });
});

describe('the b3 headers of a client', () => {
  it.each([
    ['1', true],
    ['0', false],
    ['d', true],
  ])('in one with the decision %s: sampled is %s', (decision, sampled) => {
    expect(accepted({ b3: `${TRACE}-${SPAN}-${decision}` })).toMatchObject({ traceId: TRACE, sampled });
  });
  it('in one may have no decision, or a parent', () => {
    expect(accepted({ b3: `${TRACE}-${SPAN}` })).toMatchObject({ traceId: TRACE, sampled: true });
    expect(accepted({ b3: `${TRACE}-${SPAN}-1-05e3ac9a4f6e3b90` })).toMatchObject({ traceId: TRACE, sampled: true });
  });
  it('in one may be the decision alone', () => {
    expect(accepted({ b3: '0' })).toMatchObject({ traceId: expect.stringMatching(NEW_TRACE), sampled: false });
    expect(accepted({ b3: '1' })).toMatchObject({ traceId: expect.stringMatching(NEW_TRACE), sampled: true });
  });
  it('have a trace id of 16 digits filled up with zeroes', () => {
    expect(accepted({ b3: `${SPAN}-${SPAN}-1` }).traceId).toBe(`0000000000000000${SPAN}`);
  });
  it.each([
    ['x-b3-sampled', '1', true],
    ['x-b3-sampled', '0', false],
    ['x-b3-sampled', 'false', false],
    ['x-b3-flags', '1', true],
  ])('in several with %s: %s are sampled: %s', (name, value, sampled) => {
    const headers = { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, [name]: value };
    expect(accepted(headers)).toMatchObject({ traceId: TRACE, sampled });
  });
  it('in several may be the decision alone', () => {
    expect(accepted({ 'x-b3-sampled': '0' })).toMatchObject({
      traceId: expect.stringMatching(NEW_TRACE),
      sampled: false,
    });
  });
  it.each([
    ['a trace id of zeroes', '0'.repeat(32)],
    ['capital letters', TRACE.toUpperCase()],
    ['a trace id of 20 digits', TRACE.slice(0, 20)],
    ['text', 'x'],
    ['nothing', ''],
  ])('with %s begin a new trace', (_what, traceId) => {
    expect(accepted({ b3: `${traceId}-${SPAN}-1` }).traceId).toMatch(NEW_TRACE);
    expect(accepted({ 'x-b3-traceid': traceId, 'x-b3-spanid': SPAN }).traceId).toMatch(NEW_TRACE);
  });
  it('count only where there is no valid traceparent', () => {
    const other = 'c'.repeat(32);
    expect(accepted({ traceparent: `00-${TRACE}-${SPAN}-01`, b3: `${other}-${SPAN}-1` }).traceId).toBe(TRACE);
    expect(accepted({ traceparent: 'x', b3: `${other}-${SPAN}-1` }).traceId).toBe(other);
  });
});
