import { describe, expect, it } from '@jest/globals';
import type { IncomingHttpHeaders } from 'node:http';
import type { TrustedProxies } from '../../contracts/trusted-proxies.js';
import { clientAddress, originText, plainAddress, type OriginInput } from './origin.js';

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');
const PEER = '192.0.2.1';

function origin(headers: IncomingHttpHeaders, fromBody?: unknown, caller: OriginInput['caller'] = null) {
  let ignored = 0;
  const proxies = { mode: 'none' } as const;
  const text = originText({ headers, peer: PEER, proxies, fromBody, caller, onIgnored: () => ignored++ });
  return { text, value: JSON.parse(text) as Record<string, unknown>, ignored };
}

describe('the origin of a request', () => {
  it('is the address of the peer, where nothing else is known', () => {
    expect(origin({}).value).toEqual({ ip: PEER });
  });
  it('has agent and referrer of the headers', () => {
    expect(origin({ 'user-agent': 'curl "8"', referer: 'https://a/' }).value).toEqual({
      ip: PEER,
      agent: 'curl "8"',
      referrer: 'https://a/',
    });
    expect(origin({ referrer: 'https://b/' }).value).toMatchObject({ referrer: 'https://b/' });
    expect(origin({ referer: 'https://a/', referrer: 'https://b/' }).value).toMatchObject({ referrer: 'https://a/' });
  });
  it('has what the client says', () => {
    expect(origin({ 'rierino-origin': base64({ system: 'app', lat: 52.5 }) }).value).toEqual({
      system: 'app',
      lat: 52.5,
      ip: PEER,
    });
  });
  it('has the header win over the cookie, the body of a full call over both', () => {
    const headers = {
      cookie: `Rierino-Origin=${base64({ a: 'cookie', b: 'cookie', c: 'cookie' })}`,
      'rierino-origin': base64({ b: 'header', c: 'header' }),
    };
    expect(origin(headers, { c: 'body' }).value).toMatchObject({ a: 'cookie', b: 'header', c: 'body' });
  });
  it('is accepted under the name Sluice-Origin too', () => {
    expect(origin({ 'sluice-origin': base64({ a: 1 }) }).value).toMatchObject({ a: 1 });
    expect(origin({ cookie: `Sluice-Origin=${base64({ a: 2 })}` }).value).toMatchObject({ a: 2 });
  });
  it('may be in the alphabet for URLs', () => {
    const url = Buffer.from('{"a":"é?>"}').toString('base64url');
    expect(origin({ 'rierino-origin': url }).value).toMatchObject({ a: 'é?>' });
  });
  it('keeps numbers as they were written', () => {
    const written = Buffer.from('{"lat":52.50,"offset":9007199254740993}').toString('base64');
    expect(origin({ 'rierino-origin': written }).text).toContain('"lat":52.50,"offset":9007199254740993');
  });
});

describe('what a client cannot set', () => {
  const forged = { id: 'admin', type: 'user', agent: 'x', referrer: 'x', ip: '6.6.6.6' };

  it.each([
    ['header', { 'rierino-origin': base64(forged) }, undefined],
    ['cookie', { cookie: `Rierino-Origin=${base64(forged)}` }, undefined],
    ['body', {}, forged],
  ])('is id, type, agent, referrer and ip, by %s', (_where, headers, body) => {
    expect(origin(headers, body).value).toEqual({ ip: PEER });
  });
  it('is replaced by what the gateway knows', () => {
    const headers = { 'rierino-origin': base64(forged), 'user-agent': 'curl', referer: 'https://a/' };
    expect(origin(headers).value).toEqual({ ip: PEER, agent: 'curl', referrer: 'https://a/' });
  });
  it('is a certificate among the parameters', () => {
    const sent = base64({ parameters: { certificate: { subject: 'CN=admin' }, a: 1 } });
    expect(origin({ 'rierino-origin': sent }).value).toEqual({ ip: PEER, parameters: { a: 1 } });
  });
  it('is the prototype of anything', () => {
    const sent = Buffer.from('{"__proto__":{"isAdmin":true}}').toString('base64');
    const { text } = origin({ 'rierino-origin': sent });
    expect(text).toBe(`{"__proto__":{"isAdmin":true},"ip":"${PEER}"}`);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

describe('an origin that is ignored and counted', () => {
  const nested = `{"a":${'['.repeat(1500)}${']'.repeat(1500)}}`;
  it.each([
    ['no JSON', Buffer.from('{').toString('base64')],
    ['no base64', '{"a":1}'],
    ['an array', base64([1])],
    ['a text', base64('x')],
    ['a number', base64(1)],
    ['null', base64(null)],
    ['empty', ''],
    ['nested more than 256 levels deep', Buffer.from(nested).toString('base64')],
  ])('is %s', (_what, value) => {
    expect(origin({ 'rierino-origin': value })).toMatchObject({ value: { ip: PEER }, ignored: 1 });
  });
  it('is one of more than 8 KiB', () => {
    const of = (length: number) => base64({ a: 'x'.repeat(length) }).length;
    expect([of(6136), of(6137)]).toEqual([8192, 8196]);
    expect(origin({ 'rierino-origin': base64({ a: 'x'.repeat(6136) }) }).ignored).toBe(0);
    expect(origin({ 'rierino-origin': base64({ a: 'x'.repeat(6137) }) })).toMatchObject({
      value: { ip: PEER },
      ignored: 1,
    });
  });
  it('is that of the body where it is no object', () => {
    expect(origin({}, null)).toMatchObject({ value: { ip: PEER }, ignored: 1 });
  });
  it('leaves the others in force', () => {
    const headers = { cookie: `Rierino-Origin=${base64({ a: 1 })}`, 'rierino-origin': 'x' };
    expect(origin(headers)).toMatchObject({ value: { a: 1, ip: PEER }, ignored: 1 });
  });
  it('is not one that was not sent', () => {
    expect(origin({ cookie: 'other=1' }).ignored).toBe(0);
  });
});

const all: TrustedProxies = { mode: 'all' };
const hops = (count: number): TrustedProxies => ({ mode: 'hops', hops: count });
const private10: TrustedProxies = { mode: 'addresses', trusts: (address) => address.startsWith('10.') };
const forwardedFor = (chain: string, proxies: TrustedProxies, peer = '10.0.0.1') =>
  clientAddress({ 'x-forwarded-for': chain }, peer, proxies);

describe("the client's address behind proxies", () => {
  it('is that of the peer where no proxy is trusted', () => {
    expect(forwardedFor('1.1.1.1', { mode: 'none' })).toBe('10.0.0.1');
  });
  it('is that of the peer where no header says another', () => {
    for (const proxies of [all, hops(1), private10]) expect(clientAddress({}, '10.0.0.1', proxies)).toBe('10.0.0.1');
  });
  it('is the leftmost where all are trusted', () => {
    expect(forwardedFor('1.1.1.1, 2.2.2.2, 10.0.0.9', all)).toBe('1.1.1.1');
  });
  it.each([
    [1, '3.3.3.3'],
    [2, '2.2.2.2'],
    [3, '1.1.1.1'],
    [9, '1.1.1.1'],
    [0, '10.0.0.1'],
  ])('is found %s hops away', (count, address) => {
    expect(forwardedFor('1.1.1.1, 2.2.2.2, 3.3.3.3', hops(count))).toBe(address);
  });
  it('is the rightmost that is not trusted', () => {
    expect(forwardedFor('6.6.6.6, 2.2.2.2, 10.0.0.9, 10.0.0.8', private10)).toBe('2.2.2.2');
  });
  it('is the leftmost where every address is trusted', () => {
    expect(forwardedFor('10.0.0.7, 10.0.0.8', private10)).toBe('10.0.0.7');
  });
  it('is that of the peer where the peer is not trusted, whatever it says', () => {
    expect(forwardedFor('1.1.1.1', private10, '9.9.9.9')).toBe('9.9.9.9');
  });
  it('is looked for with the peer as an IPv4 address, though it came as IPv6', () => {
    expect(forwardedFor('1.1.1.1', private10, '::ffff:10.0.0.1')).toBe('1.1.1.1');
  });
});

describe('an address in X-Forwarded-For', () => {
  it.each([
    ['1.2.3.4', '1.2.3.4'],
    ['1.2.3.4:5678', '1.2.3.4'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:5678', '2001:db8::1'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['  1.2.3.4  ', '1.2.3.4'],
  ])('%s is %s', (written, address) => {
    expect(forwardedFor(written, all)).toBe(address);
  });
  it.each([
    'unknown',
    '_hidden',
    '',
    '999.1.1.1',
    '1.2.3',
    '1.2.3.4.5',
    ':::::',
    '[1.2.3',
    '1.2.3.4:port',
    'evil"}',
    'a'.repeat(100),
    ':'.repeat(46),
  ])('is none: %j', (garbage) => {
    expect(forwardedFor(garbage, all)).toBe('10.0.0.1');
  });
  it('that is none ends the chain: what is beyond it nobody vouches for', () => {
    expect(forwardedFor('1.1.1.1, unknown, 2.2.2.2, 10.0.0.9', private10)).toBe('2.2.2.2');
    expect(forwardedFor('1.1.1.1, unknown, 10.0.0.9', private10)).toBe('10.0.0.9');
    expect(forwardedFor('1.1.1.1, unknown, 3.3.3.3', hops(3))).toBe('3.3.3.3');
  });
  it('is read 64 hops back at most', () => {
    const chain = Array.from({ length: 100 }, (_item, index) => `10.0.0.${index}`).join(',');
    expect(forwardedFor(chain, private10)).toBe('10.0.0.36');
  });
});

describe('Forwarded (RFC 7239)', () => {
  const forwarded = (header: string, proxies = private10) => clientAddress({ forwarded: header }, '10.0.0.1', proxies);

  it.each([
    ['for=192.0.2.60;proto=http;by=203.0.113.43', '192.0.2.60'],
    ['For="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['by=203.0.113.43;for=192.0.2.43', '192.0.2.43'],
    ['for=192.0.2.43, for=198.51.100.17', '198.51.100.17'],
    ['for=192.0.2.43, for=10.0.0.9', '192.0.2.43'],
    ['for="192.0.2.43:47011"', '192.0.2.43'],
    ['for=192.0.2.43 ; proto=https', '192.0.2.43'],
  ])('%s names %s', (header, address) => {
    expect(forwarded(header)).toBe(address);
  });
  it.each(['for=unknown', 'for=_gazonk', 'proto=https', 'xfor=1.1.1.1', 'for', ''])('%j names nobody', (header) => {
    expect(forwarded(header)).toBe('10.0.0.1');
  });
  it('counts only where there is no X-Forwarded-For', () => {
    const headers = { forwarded: 'for=1.1.1.1', 'x-forwarded-for': '2.2.2.2' };
    expect(clientAddress(headers, '10.0.0.1', private10)).toBe('2.2.2.2');
  });
  it('names nobody by the text of another parameter', () => {
    expect(forwarded('host="a;for=6.6.6.6;b";for=1.1.1.1')).toBe('1.1.1.1');
    expect(forwarded('for=1.1.1.1;host="a,for=6.6.6.6;b"')).toBe('1.1.1.1');
    expect(forwarded('host="a\\",for=6.6.6.6;b";for=1.1.1.1')).toBe('1.1.1.1');
  });
});

describe('an IPv4 address in IPv6 notation', () => {
  it('is an IPv4 address', () => {
    expect([plainAddress('::ffff:1.2.3.4'), plainAddress('::1'), plainAddress('1.2.3.4')]).toEqual([
      '1.2.3.4',
      '::1',
      '1.2.3.4',
    ]);
  });
});
