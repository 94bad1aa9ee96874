import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readRedisConfig } from './redis-config.js';

const urlOf = (value: unknown) => {
  const read = readRedisConfig(value);
  return read.kind === 'url' ? read.url : read;
};
const problemOf = (value: unknown) => {
  const read = readRedisConfig(value);
  return read.kind === 'unreadable' ? read.problem : read;
};
const asGiven = { kind: 'as-given' };
const single = (more: object) => ({ singleServerConfig: { address: 'redis://h:6379', ...more } });

describe("Redisson's configuration", () => {
  it.each<[string, object, string]>([
    ['one server', single({}), 'redis://h:6379'],
    ['a password', single({ password: 'p@:/#?%' }), 'redis://:p%40%3A%2F%23%3F%25@h:6379'],
    ['a user and a database', single({ username: 'u', password: 'p', database: 3 }), 'redis://u:p@h:6379/3'],
    ['what is missing as null', single({ username: null, password: null, database: 0 }), 'redis://h:6379'],
    ['login beside the servers', { username: 'u', password: 'p', ...single({}) }, 'redis://u:p@h:6379'],
    ['login in the address', single({ address: 'redis://u:p%40@h:1' }), 'redis://u:p%40@h:1'],
    ['TLS by its scheme', single({ address: 'rediss://h:6380' }), 'rediss://h:6380'],
    ['TLS by a switch', single({ address: 'h:6380', ssl: true }), 'rediss://h:6380'],
    ['Valkey', single({ address: 'valkeys://h' }), 'rediss://h:6379'],
    ['IPv6', single({ address: 'redis://[::1]:6379' }), 'redis://[::1]:6379'],
    [
      'a cluster',
      { clusterServersConfig: { nodeAddresses: ['redis://a:1', 'redis://b:2'], password: 'p' } },
      'redis+cluster://:p@a:1,b:2',
    ],
    [
      'a cluster with TLS',
      { clusterServersConfig: { nodeAddresses: ['rediss://a:1', 'b:2'] } },
      'rediss+cluster://a:1,b:2',
    ],
    [
      'sentinels',
      {
        sentinelServersConfig: {
          ...{ masterName: 'my/master', sentinelAddresses: ['redis://a', 'redis://b:2'] },
          ...{ username: 'u', password: 'p', database: 1, sentinelPassword: 's&' },
        },
      },
      'redis+sentinel://u:p@a:26379,b:2/my%2Fmaster/1?sentinelPassword=s%26',
    ],
    [
      'a master with slaves',
      { masterSlaveServersConfig: { masterAddress: 'redis://m:1', slaveAddresses: ['redis://s:1'] } },
      'redis://m:1',
    ],
    ['modes that are null', { clusterServersConfig: null, ...single({}) }, 'redis://h:6379'],
  ])('is a URL: %s', (_what, config, url) => {
    expect(urlOf(config)).toBe(url);
    expect(urlOf(JSON.stringify(config))).toBe(url);
    expect(urlOf(stringify(config))).toBe(url);
  });
  it('may have classes, anchors and passwords of digits in its YAML', () => {
    const yaml = [
      'sentinelServersConfig:',
      '  loadBalancer: !<org.redisson.connection.balancer.RoundRobinLoadBalancer> {}',
      '  masterName: m',
      '  password: &p 0123',
      '  sentinelPassword: *p',
      '  sentinelAddresses: ["redis://a:1"]',
      'codec: !<org.redisson.codec.MarshallingCodec> {}',
    ].join('\n');
    expect(readRedisConfig(yaml)).toEqual({
      kind: 'url',
      url: 'redis+sentinel://:0123@a:1/m?sentinelPassword=0123',
      leftOut: ['loadBalancer', 'codec'],
    });
  });
  it('names what the URL does not say', () => {
    const read = readRedisConfig({ threads: 16, ...single({ timeout: 3000, clientName: null }) });
    expect(read).toMatchObject({ leftOut: ['timeout', 'threads'] });
  });
  it.each<[string, unknown, RegExp]>([
    ['no address', { singleServerConfig: {} }, /singleServerConfig.address/],
    ['an address of another kind', single({ address: 'http://h' }), /redis:\/\/host:port/],
    ['a port that is none', single({ address: 'redis://h:70000' }), /redis:\/\/host:port/],
    ['several servers for one', single({ address: 'redis://a,redis://b' }), /several/],
    ['no master', { sentinelServersConfig: { sentinelAddresses: ['a'] } }, /masterName/],
    ['a master that moves', { replicatedServersConfig: { nodeAddresses: ['redis://a'] } }, /replicatedServersConfig/],
    ['two modes', { clusterServersConfig: {}, ...single({}) }, /keep one/],
    ['a database that is none', single({ database: 'x' }), /database/],
    ['a password that is none', single({ password: { a: 1 } }), /password is no text/],
    ['a placeholder of Redisson', single({ password: '${REDIS_PASSWORD}' }), /placeholder/],
    ['broken YAML', 'singleServerConfig: {address: "redis://:hidden@h', /neither YAML nor JSON/],
    ['a mode of no servers', 'singleServerConfig:', /names no servers/],
  ])('cannot be read with %s, and its secrets are not told', (_what, config, problem) => {
    expect(problemOf(config)).toMatch(problem);
    expect(JSON.stringify(readRedisConfig(config))).not.toContain('hidden');
  });
});

describe('any other configString', () => {
  it.each([
    ['redis://u:p@h:1/2'],
    [' redis+cluster://a:1,b:2 '],
    ['${{redis.config}}'],
    ['singleServerConfig: {address: "redis://${{redis.host}}:6379"}'],
    ['maximumSize=10_000'],
    ['********'],
    ['singleServerConfig'],
    [7],
    [null],
    [{ singleServerConfig: 'text' }],
  ])('is as it is given: %j', (value) => {
    expect(readRedisConfig(value)).toEqual(asGiven);
  });
  it('gives a URL that is none of Redisson’s, or nothing, and never throws', () => {
    const names = [
      'address',
      'nodeAddresses',
      'sentinelAddresses',
      'masterName',
      'username',
      'password',
      'database',
      'ssl',
    ];
    const plain = fc.oneof(
      fc.constantFrom('h', 'redis://a:1', 'rediss://b', ''),
      fc.string({ unit: 'binary' }),
      fc.jsonValue(),
    );
    const servers = fc.dictionary(fc.constantFrom(...names), plain);
    const modes = ['singleServerConfig', 'clusterServersConfig', 'sentinelServersConfig', 'replicatedServersConfig'];
    const config = fc.dictionary(fc.constantFrom(...modes, 'password', '__proto__'), fc.oneof(servers, plain), {
      maxKeys: 3,
    });
    fc.assert(
      fc.property(config, fc.boolean(), (given, isText) => {
        const read = readRedisConfig(isText ? JSON.stringify(given) : given);
        if (read.kind === 'url') expect(readRedisConfig(read.url)).toEqual(asGiven);
      }),
      { numRuns: 3000 },
    );
  });
  it('keeps user and password apart from the rest of the URL', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (username, password) => {
        fc.pre(!/[$#]!?\{/.test(username + password));
        const url = new URL(urlOf(single({ username, password })));
        expect([url.host, decodeURIComponent(url.username), decodeURIComponent(url.password)]).toEqual([
          ...['h:6379', username, password],
        ]);
      }),
    );
  });
});
