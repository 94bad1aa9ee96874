import { describe, expect, it } from '@jest/globals';
import { SettingsRejected } from './faults.js';
import { toGatewayOptions } from './gateway-options.js';
import { type LoadedSettings, readSettings } from './read-settings.js';

const read = (pairs: readonly string[], env: NodeJS.ProcessEnv = {}): LoadedSettings =>
  readSettings({ argv: pairs.flatMap((pair) => ['--set', pair]), env, cwd: '/work' });
const addressOf = (...pairs: string[]): string | null => read(pairs).settings.discovery.consulAddress;

function refused(...pairs: string[]): readonly string[] {
  try {
    read(pairs);
  } catch (error) {
    if (error instanceof SettingsRejected) return error.faults.map(({ property }) => property);
    throw error;
  }
  return [];
}

describe('the address of Consul', () => {
  it.each([
    ['https://consul.example:8501/base/', 'https://consul.example:8501/base'],
    ['http://10.0.0.1', 'http://10.0.0.1'],
    ['consul:8501', 'http://consul:8501'],
    [' consul ', 'http://consul:8500'],
    ['[::1]', 'http://[::1]:8500'],
    ['[::1]:9', 'http://[::1]:9'],
    ['', null],
  ])('%j is %j', (given, expected) => {
    expect(addressOf(`discovery.consul.address=${given}`)).toBe(expected);
  });
  it.each([
    'ftp://consul',
    'http://user:secret@consul',
    'http://consul?x=1',
    'http://consul#',
    'a b:1',
    'consul:99999',
  ])('is not %j', (given) => {
    expect(refused(`discovery.consul.address=${given}`)).toEqual(['discovery.consul.address']);
  });
});

describe('the token of Consul', () => {
  it('is never shown', () => {
    const loaded = read(['discovery.consul.token=hunter2']);
    expect(toGatewayOptions(loaded.settings).discovery.consulToken).toBe('hunter2');
    expect(JSON.stringify(loaded.entries)).not.toContain('hunter2');
  });
});

describe('DNS servers', () => {
  it('are a list of addresses, with or without a port', () => {
    const { settings } = read(['discovery.dns.servers=10.0.0.2, 10.0.0.3:8600,::1,[::1],[fd00::1]:53']);
    const { dnsServers } = toGatewayOptions(settings).discovery;
    expect(dnsServers).toEqual(['10.0.0.2', '10.0.0.3:8600', '::1', '[::1]', '[fd00::1]:53']);
    expect(Object.isFrozen(dnsServers)).toBe(true);
  });
  it.each(['dns.example', '10.0.0.2:0', '10.0.0.2:65536', '[10.0.0.2]:53', '10.0.0', '10.0.0.1:', 'fe80::1%eth0'])(
    'are not %j',
    (given) => {
      expect(refused(`discovery.dns.servers=${given}`)).toEqual(['discovery.dns.servers']);
    },
  );
});

describe('the Consul of Spring', () => {
  const original = { RIERINO_GATEWAY_ID: 'g' };
  const springs = ['spring.cloud.consul.host=c', 'spring.cloud.consul.port=9'];
  it('is ours where settings of the original are read', () => {
    const loaded = read(springs, original);
    expect(loaded.settings.discovery.consulAddress).toBe('http://c:9');
    expect(loaded.infos).toEqual([]);
    expect(loaded.entries).toContainEqual(
      expect.objectContaining({ name: 'discovery.consul.address', value: 'http://c:9', source: '--set' }),
    );
  });
  it.each([
    [springs[0]!, 'http://c:8500'],
    [springs[1]!, 'http://localhost:9'],
  ])('has the defaults of Spring beside %s', (pair, expected) => {
    expect(read([pair], original).settings.discovery.consulAddress).toBe(expected);
  });
  it('gives way to discovery.consul.address, wherever that stands', () => {
    const env = { ...original, SLUICE_DISCOVERY_CONSUL_ADDRESS: 'ours:1' };
    expect(read(springs, env).settings.discovery.consulAddress).toBe('http://ours:1');
  });
  it('has no effect, and is told once, where they are not read', () => {
    const { settings, infos } = read(springs);
    expect(settings.discovery).toMatchObject({ consulAddress: null, springConsulHost: null });
    expect(infos).toEqual([
      'Settings of Spring itself have no effect here: spring.cloud.consul.host, spring.cloud.consul.port',
    ]);
  });
  it('is refused once for a port that is none', () => {
    const env = { ...original, RIERINO_SPRING_CLOUD_CONSUL_PORT: 'x' };
    expect(() => read([springs[0]!], env)).toThrow(SettingsRejected);
    try {
      read([springs[0]!], env);
    } catch (error) {
      expect((error as SettingsRejected).faults.map(({ property }) => property)).toEqual(['spring.cloud.consul.port']);
    }
  });
});
