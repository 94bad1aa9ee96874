import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { wireFault } from './wire.js';

interface Sent {
  readonly method?: string;
  readonly url?: string;
  readonly version?: string;
  /** Host headers, in order. */
  readonly hosts?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as Node's parser leaves it. */
function aRequest({ method = 'GET', url = '/', version = '1.1', hosts = ['h'], headers = {} }: Sent): IncomingMessage {
  const [major, minor] = version.split('.').map(Number);
  const first = hosts[0] === undefined ? {} : { host: hosts[0] };
  return {
    method,
    url,
    httpVersionMajor: major,
    httpVersionMinor: minor,
    headers: { ...first, ...headers },
    rawHeaders: [...hosts.flatMap((host) => ['Host', host]), ...Object.entries(headers).flat()],
  } as unknown as IncomingMessage;
}
const fault = (sent: Sent): string | null => wireFault(aRequest(sent), 16_384)?.error ?? null;

describe('a request with a well-formed head', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('goes on: %s', (method) => {
    expect(fault({ method })).toBeNull();
  });
});

describe('the Host header', () => {
  it.each([
    'example.com',
    'example.com:8080',
    'EXAMPLE.com',
    'my_service',
    'a-b.c~d',
    '127.0.0.1:1',
    '[::1]',
    '[2001:db8::1]:443',
    'h:65535',
    'h:',
  ])('may be %s', (host) => {
    expect(fault({ hosts: [host] })).toBeNull();
  });
  it.each([
    ['empty', ''],
    ['with user information', 'user@h'],
    ['with a password', 'user:pw@h'],
    ['a list', 'a,b'],
    ['a list with a blank', 'a, b'],
    ['with a blank', 'a b'],
    ['with a path', 'h/admin'],
    ['with a query', 'h?x'],
    ['with a fragment', 'h#x'],
    ['with a port that is no number', 'h:80a'],
    ['with a port above 65535', 'h:65536'],
    ['with a port of six digits', 'h:000080'],
    ['with two ports', 'h:80:81'],
    ['an IPv6 address without brackets', '::1'],
    ['an IPv6 address with one bracket', '[::1'],
    ['with an escape', 'h%2Fa'],
    ['with a character that is not ASCII', 'hé'],
    ['with a backslash', 'h\\a'],
  ])('must not be %s: %s', (_what, host) => {
    expect(fault({ hosts: [host] })).toBe('HOST_INVALID');
  });
  it('must not be missing', () => {
    expect(fault({ hosts: [] })).toBe('HOST_INVALID');
  });
  it('must not stand twice, though both say the same', () => {
    expect(fault({ hosts: ['h', 'h'] })).toBe('HOST_INVALID');
  });
  it('may be missing in HTTP/1.0', () => {
    expect(fault({ hosts: [], version: '1.0' })).toBeNull();
  });
  it('is looked at whatever the case of its name', () => {
    const request = aRequest({});
    request.rawHeaders = ['hOsT', 'h', 'HOST', 'h'];
    expect(wireFault(request, 16_384)?.error).toBe('HOST_INVALID');
  });
  it('is checked anew after another request had a valid one', () => {
    expect([fault({ hosts: ['good'] }), fault({ hosts: ['bad/'] }), fault({ hosts: ['good'] })]).toEqual([
      null,
      'HOST_INVALID',
      null,
    ]);
  });
});

describe('the HTTP version', () => {
  it.each([
    ['0.9', 'VERSION_INVALID'],
    ['2.0', 'VERSION_INVALID'],
    ['1.0', null],
    ['1.1', null],
  ])('%s → %s', (version, expected) => {
    expect(fault({ version })).toBe(expected);
  });
});

describe('Transfer-Encoding', () => {
  it.each([
    ['chunked', { 'transfer-encoding': 'chunked' }, null],
    ['chunked in capitals', { 'transfer-encoding': 'Chunked' }, null],
    ['empty', { 'transfer-encoding': '' }, 'FRAMING_INVALID'],
    ['empty beside a Content-Length', { 'transfer-encoding': '', 'content-length': '3' }, 'FRAMING_INVALID'],
    ['chunked beside a Content-Length', { 'transfer-encoding': 'chunked', 'content-length': '3' }, 'FRAMING_INVALID'],
    ['twice chunked', { 'transfer-encoding': 'chunked, chunked' }, 'FRAMING_INVALID'],
    ['a coding that we do not know', { 'transfer-encoding': 'gzip, chunked' }, 'FRAMING_INVALID'],
    ['identity', { 'transfer-encoding': 'identity' }, 'FRAMING_INVALID'],
  ])('%s → %j: %s', (_what, headers, expected) => {
    expect(fault({ method: 'POST', headers: headers })).toBe(expected);
  });
  it('is refused in HTTP/1.0', () => {
    expect(fault({ method: 'POST', version: '1.0', headers: { 'transfer-encoding': 'chunked' } })).toBe(
      'FRAMING_INVALID',
    );
  });
});

describe('the target', () => {
  it.each([
    ['no slash at the beginning', 'orders'],
    ['a fragment', '/a#b'],
    ['a fragment in the query', '/a?b#c'],
    ['an asterisk on anything but OPTIONS', '*'],
    ['another scheme', 'ftp://h/a'],
    ['a host and a port alone', 'h:443'],
    ['nothing', ''],
  ])('must not be %s', (_what, url) => {
    expect(fault({ url })).toBe('TARGET_INVALID');
  });
  it('may be an asterisk on OPTIONS', () => {
    expect(fault({ method: 'OPTIONS', url: '*' })).toBeNull();
  });
  it('of half of server.maxHeaderSize is 16,384 characters at most', () => {
    expect(fault({ url: `/${'a'.repeat(16_383)}` })).toBeNull();
    expect(fault({ url: `/${'a'.repeat(16_384)}` })).toBe('TARGET_TOO_LONG');
  });
});

describe('an absolute-form target', () => {
  const brought = (url: string, host = 'h') => {
    const request = aRequest({ url, hosts: [host] });
    return wireFault(request, 16_384)?.error ?? request.url;
  };

  it.each([
    ['http://h/a?b=1', '/a?b=1'],
    ['HTTP://h/a', '/a'],
    ['https://h/', '/'],
    ['http://h', '/'],
    ['http://h?b=1', '/?b=1'],
  ])('%s becomes %s', (url, path) => {
    expect(brought(url)).toBe(path);
  });
  it('may name a port where Host does', () => {
    expect(brought('http://h:8080/a', 'h:8080')).toBe('/a');
  });
  it.each(['http://other/a', 'http://h:8080/a', 'http://user@h/a', 'http:///a', 'http://h.evil/a'])(
    'that differs from Host is refused: %s',
    (url) => {
      expect(brought(url)).toBe('TARGET_HOST_MISMATCH');
    },
  );
  it('with a fragment is refused', () => {
    expect(brought('http://h/a#b')).toBe('TARGET_INVALID');
  });
});

describe('a method that we do not serve', () => {
  it.each(['TRACE', 'CONNECT', 'PROPFIND', 'PURGE', 'QUERY'])('is 405 with Allow: %s', (method) => {
    expect(wireFault(aRequest({ method }), 16_384)).toMatchObject({
      error: 'METHOD_NOT_ALLOWED',
      headers: ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
    });
  });
});
