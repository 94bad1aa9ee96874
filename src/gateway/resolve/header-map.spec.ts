import { describe, expect, it } from '@jest/globals';
import { HeaderMap } from './header-map.js';

const applied = (map: Record<string, string>, headers: Record<string, string>) => new HeaderMap(map).applied(headers);

describe('a header map', () => {
  it('merges the object that an expression makes of a header into the headers', () => {
    expect(applied({ 'X-Use-Branch': '{"x-branch": value}' }, { 'x-use-branch': 'dev', accept: '*/*' })).toEqual({
      'x-use-branch': 'dev',
      accept: '*/*',
      'x-branch': 'dev',
    });
  });
  it('finds its header whatever the case of its name, and sets lower-case ones', () => {
    expect(applied({ 'X-KEY': '{"Authorization": value}' }, { 'x-key': 'abc' })).toMatchObject({
      authorization: 'abc',
    });
  });
  it('replaces a header that the client sent', () => {
    expect(applied({ 'x-a': '{accept: value}' }, { 'x-a': 'text/csv', accept: '*/*' })).toMatchObject({
      accept: 'text/csv',
    });
  });
  it('writes numbers and booleans as text', () => {
    expect(applied({ 'x-a': '{"x-n": `5`, "x-b": `true`}' }, { 'x-a': '' })).toMatchObject({
      'x-n': '5',
      'x-b': 'true',
    });
  });
  it('leaves the headers of the request itself as they were', () => {
    const headers = { 'x-a': '1' };
    applied({ 'x-a': '{"x-b": value}' }, headers);
    expect(headers).toEqual({ 'x-a': '1' });
  });
  it('gives back the same headers where a request has none that it maps', () => {
    const headers = { accept: '*/*' };
    expect(applied({ 'x-a': '{"x-b": value}' }, headers as never)).toBe(headers);
  });
  it('is refused where an expression is no JMESPath', () => {
    expect(() => new HeaderMap({ 'x-a': '{{' })).toThrow();
  });
});

describe('an expression that gives no object', () => {
  it.each([
    ['a text', 'value'],
    ['a number', '`1`'],
    ['an array', '[value]'],
    ['null', 'nothing'],
    ['a failure on this value', 'abs(value)'],
    ['a failure on a value that is no number', '{"x-b": to_number(value).x, "x-c": abs(value)}'],
  ])('%s, sets nothing', (_what, expression) => {
    const headers = { 'x-a': 'text' };
    expect(applied({ 'x-a': expression }, headers)).toBe(headers);
  });
  it('does not keep the next one from its work', () => {
    const map = { 'x-a': 'abs(value)', 'x-b': '{"x-c": value}' };
    expect(applied(map, { 'x-a': 'a', 'x-b': 'b' })).toEqual({ 'x-a': 'a', 'x-b': 'b', 'x-c': 'b' });
  });
});

describe('a header that no map may set', () => {
  it.each([
    ...[
      'Host',
      'Content-Length',
      'Transfer-Encoding',
      'Connection',
      'Keep-Alive',
      'TE',
      'Trailer',
      'Upgrade',
      'Expect',
    ],
    ...['Proxy-Authorization', 'Proxy-Connection', 'Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host'],
    ...['X-Request-Id', 'traceparent', 'tracestate', 'b3', 'X-B3-TraceId'],
  ])('%s keeps its value', (name) => {
    const headers = { 'x-a': 'v', [name.toLowerCase()]: 'kept' };
    expect(applied({ 'x-a': `{"${name}": value}` }, headers)).toEqual(headers);
  });
});

describe('a value that no header can hold', () => {
  it.each([
    ['a line feed', '{"x-b": join(`"\\n"`, [value, value])}'],
    ['a character beyond Latin 1', '{"x-b": `"€"`}'],
    ['null', '{"x-b": nothing}'],
    ['an object', '{"x-b": {a: value}}'],
    ['an array', '{"x-b": [value]}'],
    ['a name with a blank', '{"x b": value}'],
    ['an empty name', '{"": value}'],
  ])('%s, is left out', (_what, expression) => {
    expect(applied({ 'x-a': expression }, { 'x-a': 'v' })).toEqual({ 'x-a': 'v' });
  });
  it('is one of more than 8,192 characters', () => {
    const of = (length: number) => applied({ 'x-a': '{"x-b": value}' }, { 'x-a': 'v'.repeat(length) })['x-b']?.length;
    expect([of(8192), of(8193)]).toEqual([8192, undefined]);
  });
});
