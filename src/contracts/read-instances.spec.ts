import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readInstances } from './read-instances.js';

const DEFAULT_PORT = 8080;
const placesOf = (text: string): string[] => {
  const { addresses, faults } = readInstances(text, DEFAULT_PORT);
  expect(faults).toEqual([]);
  return addresses.map(({ host, port }) => `${host} ${port}`);
};
const faultsOf = (text: string): readonly string[] => readInstances(text, DEFAULT_PORT).faults;

describe('server.instances', () => {
  it.each([
    ['a:1,b:2', ['a 1', 'b 2']],
    [' a:1 , b:2 , ', ['a 1', 'b 2']],
    ['a', ['a 8080']],
    ['10.0.0.1', ['10.0.0.1 8080']],
    ['[::1]', ['::1 8080']],
    ['[2001:DB8:0::1]:9', ['2001:db8::1 9']],
    ['http://a', ['a 80']],
    ['https://a', ['a 443']],
    ['ws://a,wss://b', ['a 80', 'b 443']],
    ['http://a:80', ['a 80']],
    ['https://a:8443/base?x=1#y', ['a 8443']],
    ['http://[::1]:9/', ['::1 9']],
    ['my_service-1.local:9', ['my_service-1.local 9']],
  ])('%j names %j', (text, expected) => {
    expect(placesOf(text)).toEqual(expected);
  });
  it('names each place once, in whatever spelling', () => {
    expect(placesOf('A:80,a:80,http://a,http://a/x,[0::1]:80,[::1]:80')).toEqual(['a 80', '::1 80']);
  });
  it('gives all of them the same weight and priority', () => {
    expect(readInstances('a:1', DEFAULT_PORT).addresses).toEqual([{ host: 'a', port: 1, weight: 1, priority: 0 }]);
  });
});

describe('an entry of server.instances that cannot be read', () => {
  it.each([
    ['a:b', 'is neither host:port nor a URL'],
    ['a:', 'is neither host:port nor a URL'],
    [':80', 'is neither host:port nor a URL'],
    ['a b:80', 'is neither host:port nor a URL'],
    ['a:80/path', 'is neither host:port nor a URL'],
    ['10.0.0.256:80', 'is neither host:port nor a URL'],
    ['[::1', 'is neither host:port nor a URL'],
    ['[a]:80', 'is neither host:port nor a URL'],
    ['[fe80::1%eth0]:80', 'is neither host:port nor a URL'],
    ['::1', 'needs brackets around its IPv6 address'],
    ['a:0', 'has a port that is not between 1 and 65535'],
    ['a:65536', 'has a port that is not between 1 and 65535'],
    ['http://a:0', 'has a port that is not between 1 and 65535'],
    ['http://a:65536', 'is no URL'],
    ['ftp://a', 'begins with ftp://, not with http:// or https://'],
  ])('%j %s', (entry, problem) => {
    expect(faultsOf(entry)).toEqual([`${JSON.stringify(entry)} ${problem}`]);
  });
  it('takes nothing from the others', () => {
    const { addresses, faults } = readInstances('a:1,b:x,c:3', DEFAULT_PORT);
    expect(addresses.map(({ host }) => host)).toEqual(['a', 'c']);
    expect(faults).toHaveLength(1);
  });
  it('is told without its password', () => {
    expect(faultsOf('http://user:hunter2@a')).toEqual(['"http://********@a" must not hold a user or password']);
  });
  it('is one that is not there at all', () => {
    expect([faultsOf(''), faultsOf(' , ')]).toEqual([['names no instance'], ['names no instance']]);
  });
  it('is told as far as people read', () => {
    const faults = faultsOf(Array.from({ length: 30 }, () => 'x'.repeat(300)).join());
    expect(faults).toHaveLength(21);
    expect(faults[20]).toBe('and 10 more');
    expect(faults[0]!.length).toBeLessThan(150);
  });
});

describe('a list of too many instances', () => {
  const list = (length: number): string => Array.from({ length }, (_, index) => `h${index}:1`).join();
  it('is refused as a whole', () => {
    expect(placesOf(list(1000))).toHaveLength(1000);
    expect(readInstances(list(1001), 1)).toEqual({
      addresses: [],
      faults: ['names 1001 instances; at most 1000 are possible'],
    });
  });
});

describe('any text', () => {
  it('is read or told, and what is read can be written into a URL', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.ipV6(), fc.domain()), (text) => {
        const { addresses, faults } = readInstances(text, DEFAULT_PORT);
        expect(addresses.length + faults.length).toBeGreaterThan(0);
        for (const { host, port } of addresses) {
          expect(URL.canParse(`http://${host.includes(':') ? `[${host}]` : host}:${port}`)).toBe(true);
        }
      }),
    );
  });
});
