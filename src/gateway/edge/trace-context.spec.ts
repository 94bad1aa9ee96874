import { describe, expect, it } from '@jest/globals';
import { isSampled, newSpanId, traceContext, traceparent } from './trace-context.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const NEW_TRACE = /^(?!0af7)[0-9a-f]{32}$/;
const CLOSED = { acceptClientTrace: false, traceSampling: 1 };
const OPEN = { acceptClientTrace: true, traceSampling: 1 };
/** Takes what clients give, and samples nothing that begins here. */
const NONE_OF_OURS = { acceptClientTrace: true, traceSampling: 0 };
const accepted = (headers: Record<string, string>) => traceContext(headers, OPEN);

describe('a trace', () => {
  it('is new where the client may give none', () => {
    const trace = traceContext({ traceparent: `00-${TRACE}-${SPAN}-01` }, CLOSED);
    expect(trace.traceId).toMatch(NEW_TRACE);
    expect([trace.sampled, trace.parentSpanId]).toEqual([true, null]);
  });
  it('is new where the client gives none', () => {
    expect(accepted({}).traceId).toMatch(NEW_TRACE);
  });
  it('has ids of its own each time, a hundred thousand times', () => {
    const seen = new Set<string>();
    for (let count = 0; count < 100_000; count++) {
      const { traceId, spanId } = traceContext({}, CLOSED);
      if (count % 1000 === 0) expect([traceId.length, spanId.length]).toEqual([32, 16]);
      seen.add(traceId);
    }
    expect(seen.size).toBe(100_000);
  });
  it('is told to the runner as a traceparent of version 00', () => {
    const trace = { traceId: TRACE, spanId: SPAN, parentSpanId: null };
    expect(traceparent({ ...trace, sampled: true })).toBe(`00-${TRACE}-${SPAN}-01`);
    expect(traceparent({ ...trace, sampled: false })).toBe(`00-${TRACE}-${SPAN}-00`);
  });
  it('is told to the runner with the span that calls it, where there is one', () => {
    const called = newSpanId();
    expect(called).toMatch(/^[0-9a-f]{16}$/);
    const trace = { traceId: TRACE, spanId: SPAN, parentSpanId: null, sampled: true };
    expect(traceparent(trace, called)).toBe(`00-${TRACE}-${called}-01`);
  });
});

describe('telemetry.sampling', () => {
  it.each([
    ['1', '0'.repeat(32), 1, true],
    ['0', 'f'.repeat(32), 0, false],
    ['a half: the upper one', `${'0'.repeat(19)}8${'0'.repeat(12)}`, 0.5, true],
    ['a half: not the lower one', `${'f'.repeat(19)}7${'f'.repeat(12)}`, 0.5, false],
    ['the last hundredth', `${'0'.repeat(19)}fd8${'0'.repeat(10)}`, 0.01, true],
    ['no more than the last hundredth', `${'0'.repeat(19)}fd7${'0'.repeat(10)}`, 0.01, false],
  ])('of %s', (_what, traceId, share, expected) => {
    expect(isSampled(traceId, share)).toBe(expected);
  });
  it('samples that share of many', () => {
    const rules = { acceptClientTrace: false, traceSampling: 0.25 };
    let sampled = 0;
    for (let count = 0; count < 20_000; count++) if (traceContext({}, rules).sampled) sampled++;
    expect(sampled / 20_000).toBeGreaterThan(0.23);
    expect(sampled / 20_000).toBeLessThan(0.27);
  });
  it('decides alike for one trace wherever it is asked', () => {
    const of = (share: number) => isSampled(TRACE, share);
    expect([of(0.99), of(0.99)]).toEqual([of(0.99), of(0.99)]);
    // What is sampled at a small share is sampled at a larger one.
    const shares = [0.1, 0.3, 0.5, 0.7, 0.9, 1].map(of);
    expect(shares).toEqual([...shares].sort());
  });
  it('decides nothing where the client has decided', () => {
    const given = (headers: Record<string, string>) => traceContext(headers, NONE_OF_OURS).sampled;
    expect([
      given({ traceparent: `00-${TRACE}-${SPAN}-01` }),
      given({ b3: `${TRACE}-${SPAN}-1` }),
      given({ b3: 'd' }),
      given({ 'x-b3-sampled': '1' }),
      given({ 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': 'true' }),
    ]).toEqual([true, true, true, true, true]);
  });
  it('decides where a client gives a b3 trace without a decision, or nothing', () => {
    expect(traceContext({ b3: `${TRACE}-${SPAN}` }, NONE_OF_OURS)).toMatchObject({ traceId: TRACE, sampled: false });
    expect(traceContext({}, NONE_OF_OURS).sampled).toBe(false);
  });
});

describe('the parent of our span', () => {
  it.each([
    ['traceparent', { traceparent: `00-${TRACE}-${SPAN}-01` }, SPAN],
    ['b3 in one header', { b3: `${TRACE}-${SPAN}-1` }, SPAN],
    ['b3 in several', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN }, SPAN],
    ['b3 with a span that is none', { b3: `${TRACE}-nonsense-1` }, null],
    ['b3 with a span of zeroes', { 'x-b3-traceid': TRACE, 'x-b3-spanid': '0'.repeat(16) }, null],
    ['a decision alone', { b3: '1' }, null],
    ['nothing', {}, null],
  ])('of %s', (_what, headers, expected) => {
    expect(traceContext(headers, OPEN).parentSpanId).toBe(expected);
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
