import { describe, expect, it } from '@jest/globals';
import { SettingsRejected } from './faults.js';
import { type LoadedSettings, readSettings } from './read-settings.js';

const REST = ['gateway.id=g', 'config.loader.type=files', 'config.loader.baseUrl=http://h:1/base'];
const read = (pairs: readonly string[], env: NodeJS.ProcessEnv = {}): LoadedSettings =>
  readSettings({ argv: [...REST, ...pairs].flatMap((pair) => ['--set', pair]), env, cwd: '/work' });

function refused(...pairs: string[]): SettingsRejected {
  try {
    read(pairs);
  } catch (error) {
    if (error instanceof SettingsRejected) return error;
    throw error;
  }
  throw new Error('They were accepted.');
}

describe('headers and cookies of the REST source', () => {
  it('are families: each name is a setting of its own, and the later source wins', () => {
    const { settings } = read(['config.loader.header.X-Key=two', 'config.loader.cookie.sid=c'], {
      SLUICE_CONFIG_LOADER_HEADER_X_OTHER: 'o',
    });
    expect(settings.restSource).toMatchObject({
      headers: { 'X-Key': 'two', 'x-other': 'o' },
      cookies: { sid: 'c' },
    });
    expect(Object.isFrozen(settings.restSource.headers)).toBe(true);
  });
  it('are shown by name only', () => {
    const { entries } = read(['config.loader.header.X-Key=hidden']);
    expect(entries.filter(({ name }) => name.startsWith('config.loader.header'))).toEqual([
      { name: 'config.loader.header.X-Key', value: '********', source: '--set', overridden: [] },
    ]);
    expect(JSON.stringify(entries)).not.toContain('hidden');
  });
  it.each(['config.loader.header.a b=hidden', 'config.loader.header.Host=hidden', 'config.loader.cookie.c=hid;den'])(
    'are refused where none could be sent, without the value: %s',
    (pair) => {
      const { message, faults } = refused(pair);
      expect([faults.length, /hid;?den/.test(message)]).toEqual([1, false]);
    },
  );
});

describe('the REST source', () => {
  it('is nothing while components come from elsewhere, which is a warning', () => {
    expect(read([]).warnings).toEqual(['config.loader.baseUrl has no effect while config.loader.type is "files"']);
  });
  it.each(['ftp://h', 'h:80/x', 'http://h/?a=1', 'http://user:hidden@h/'])('is refused at %s', (url) => {
    const { message, faults } = refused(`config.loader.baseUrl=${url}`);
    expect(faults).toMatchObject([{ property: 'config.loader.baseUrl' }]);
    expect(message).not.toContain('hidden');
  });
  it('needs the whole of client credentials', () => {
    expect(refused('config.loader.clientId=c').faults.map(({ problem }) => problem)).toEqual([
      'expected config.loader.secret beside it',
      'expected config.loader.tokenPath beside it',
    ]);
  });
  it('is not started without the client certificate that it is told to show', () => {
    expect(refused('config.loader.mTLS.enabled=true').faults).toHaveLength(1);
  });
  it('warns of what is not in force, and of what does not protect', () => {
    const { warnings } = read([
      'config.loader.balanced=false',
      'config.loader.instances=a:1',
      'config.loader.trustAll=yes',
    ]);
    for (const name of ['instances', 'trustAll']) {
      expect(warnings.filter((warning) => warning.includes(`config.loader.${name} `))).toHaveLength(1);
    }
  });
  it('takes authorities as text, or as a file beside where the process was started', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nx';
    expect(read(['config.loader.trust=ca.pem']).settings.restSource.trust).toBe('/work/ca.pem');
    expect(read([`config.loader.trust=${pem}`]).settings.restSource.trust).toBe(pem);
  });
});

describe('the instances of the REST source', () => {
  const problems = (...pairs: string[]): unknown[] =>
    refused(...pairs).faults.map(({ property, problem }) => [property, problem]);

  it('are those of the host alone, unless settings say more', () => {
    expect(read([]).settings.restConnections).toEqual({
      ...{ isBalanced: null, discovery: null, instances: null, totalTimeoutMs: null },
      ...{ maxConnections: 500, maxIdleMs: 30_000, maxLifeMs: -1, maxPending: 96 },
      ...{ healthPath: null, healthIntervalMs: 10_000, retryAfterSeconds: 30, forwardHeaders: null },
    });
  });
  it('may be written down, found, checked and bounded without a warning', () => {
    const { warnings } = read([
      ...['config.loader.type=rest', 'config.loader.balanced=true', 'config.loader.discovery=static'],
      ...[
        'config.loader.instances=a:1, http://b',
        'config.loader.health.path=/up',
        'config.loader.health.intervalMs=500',
      ],
      ...['config.loader.maxConnections=3', 'config.loader.maxIdleTime=-1', 'config.loader.maxLifeTime=60000'],
      ...['config.loader.pendingAcquireMaxCount=0', 'config.loader.totalTimeout=5000'],
      ...['config.loader.retryAfter503=5', 'config.loader.forwardHeaders=x-a'],
    ]);
    expect(warnings).toEqual([]);
  });
  it('are faults where they cannot be meant, each with what was expected', () => {
    expect(problems('config.loader.instances=a:99999,http://u:hidden@b')).toEqual([
      ['config.loader.instances', expect.stringMatching(/^expected host:port or URLs.*65535.*user or password/)],
    ]);
    expect(problems('config.loader.discovery=zeroconf')).toEqual([
      ['config.loader.discovery', 'expected static, dns, srv or consul'],
    ]);
    expect(problems('config.loader.maxConnections=0', 'config.loader.health.path=http://elsewhere')).toHaveLength(2);
  });
  it('need what says where they are', () => {
    const asked = (kind: string): unknown => problems('config.loader.balanced=true', `config.loader.discovery=${kind}`);
    expect(asked('consul')).toEqual([['config.loader.discovery', 'expected discovery.consul.address beside it']]);
    expect(asked('static')).toEqual([['config.loader.discovery', 'expected config.loader.instances beside it']]);
    expect(read(['config.loader.balanced=true', 'config.loader.discovery=dns']).warnings).toHaveLength(1);
  });
  it('are nothing where settings say that there is one', () => {
    const { warnings } = read(['config.loader.balanced=false', 'config.loader.instances=a:1']);
    expect(warnings).toContain('config.loader.instances has no effect while config.loader.balanced is false');
  });
});
