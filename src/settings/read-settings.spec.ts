import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultLine, SettingsRejected, type SettingFault } from './faults.js';
import { readSettings, type LoadedSettings } from './read-settings.js';

const root = mkdtempSync(join(tmpdir(), 'sluice-settings-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Given {
  /** Files by name, in a folder of their own. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
  readonly argv?: readonly string[];
}

function read({ files = {}, env = {}, argv = [] }: Given): LoadedSettings & { cwd: string } {
  const cwd = mkdtempSync(join(root, 'cwd-'));
  mkdirSync(join(cwd, 'config'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return { ...readSettings({ argv, env, cwd }), cwd };
}

function faultsOf(given: Given): readonly SettingFault[] {
  try {
    read(given);
  } catch (error) {
    if (error instanceof SettingsRejected) return error.faults;
    throw error;
  }
  return [];
}

const entryOf = ({ entries }: LoadedSettings, name: string) => entries.find((entry) => entry.name === name);
const yaml = (text: string) => ({ 'config/application.yaml': text });

describe('sources of settings', () => {
  it('are defaults, file, environment and --set, and the later wins', () => {
    const files = yaml('gateway.id: file\nlog.level: warn\nserver.port: 1\n');
    const env = { SLUICE_GATEWAY_ID: 'environment', SLUICE_SERVER_PORT: '2' };
    const { settings } = read({ files, env, argv: ['--set', 'server.port=3'] });
    expect([settings.gateway.id, settings.log.level, settings.server.port]).toEqual(['environment', 'warn', 3]);
    expect(settings.server.host).toBe('0.0.0.0');
  });
  it('are remembered, with those that did not count', () => {
    const loaded = read({
      files: yaml('\nserver.port: 1'),
      env: { SLUICE_SERVER_PORT: '2' },
      argv: ['--set=server.port=3'],
    });
    expect(entryOf(loaded, 'server.port')).toEqual({
      name: 'server.port',
      value: 3,
      source: '--set',
      overridden: ['config/application.yaml:2', 'environment SLUICE_SERVER_PORT'],
    });
    expect(entryOf(loaded, 'server.host')).toMatchObject({ value: '0.0.0.0', source: 'default' });
  });
  it('count the last of several --set', () => {
    expect(read({ argv: ['--set', 'server.port=1', '--set', 'server.port=2'] }).settings.server.port).toBe(2);
  });
  it('read the file of --config rather than that of SLUICE_CONFIG, and that rather than the default', () => {
    const files = { ...yaml('gateway.id: a'), 'b.json': '{"gateway": {"id": "b"}}', 'c.properties': 'gateway.id=c' };
    const env = { SLUICE_CONFIG: 'b.json' };
    expect(read({ files }).settings.gateway.id).toBe('a');
    expect(read({ files, env }).settings.gateway.id).toBe('b');
    expect(read({ files, env, argv: ['--config', 'c.properties'] }).settings.gateway.id).toBe('c');
  });
  it('start without a file', () => {
    expect(read({})).toMatchObject({ file: null, warnings: [], infos: [] });
  });
  it('take an empty variable for none', () => {
    expect(read({ env: { SLUICE_SERVER_PORT: '' } }).settings.server.port).toBe(1234);
  });
  it('give relative paths from where the process was started', () => {
    const { settings, cwd } = read({ argv: ['--set', 'data.folder=../elsewhere'] });
    expect(settings.storage.componentsFolder).toBe(join(cwd, 'config/components'));
    expect(settings.storage.dataFolder).toBe(join(root, 'elsewhere'));
  });
  it('make settings that nobody can change', () => {
    const { settings } = read({});
    for (const part of [settings, settings.server, settings.server.trustProxy, settings.security.actuatorAllowedIps]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe('values', () => {
  it('are checked all at once, each fault with property, value, expectation and place', () => {
    const files = yaml('server:\n  port: 70000\n  requestTimeout: soon\ngateway.refreshMs: 99\n');
    const faults = faultsOf({
      files,
      env: { SLUICE_LOG_LEVEL: 'loud' },
      argv: ['--set', 'security.headers.enabled=2'],
    });
    expect(faults.map(faultLine)).toEqual([
      'gateway.refreshMs = "99": expected a whole number from 100 to 2147483647, or -1 (never) (config/application.yaml:4)',
      'server.port = "70000": expected a whole number from 0 to 65535 (config/application.yaml:2)',
      'server.requestTimeout = "soon": expected a whole number from 0 to 2147483647 (config/application.yaml:3)',
      'security.headers.enabled = "2": expected true or false (--set)',
      'log.level = "loud": expected trace, debug, info, warn, error or fatal (environment SLUICE_LOG_LEVEL)',
    ]);
  });
  it.each([
    ['server.port', '1.5'],
    ['server.port', '0x50'],
    ['server.port', ' '],
    ['server.port', '99999999999999999999'],
    ['gateway.refreshMs', '-2'],
    ['gateway.id', ''],
    ['gateway.id', 'a/b'],
    ['gateway.requestIdHeader', 'X Request'],
    ['gateway.traceIdHeaderOn', 'sometimes'],
    ['request.maxSize', '-2'],
    ['server.maxHeaderSize', '10'],
    ['server.trustProxy', 'friends'],
    ['server.host', 'a b'],
    ['security.actuator.allowed.ips', '127.0.0.1, me'],
    ['security.headers.hsts', 'max-age=1\nX-Bad: 1'],
    ['id.prefix', 'two words'],
    ['id.partition', 'ü'],
    ['id.instanceNum.class', 'com.rierino.OtherNumberGenerator'],
    ['config.loader.type', 'mongo'],
    ['config.loader.type', 'rest'],
    ['database.url', 'mysql://h/d'],
    ['secrets.key', 'short'],
    ['demo.enabled', 'maybe'],
    ['gateway.id', '${{HOSTNAME}}'],
    ['log.level', '#{{?LEVEL}}'],
    ['gateway.id', '${HOSTNAME}'],
  ])('are refused: %s = %j', (name, value) => {
    expect(faultsOf({ argv: ['--set', `${name}=${value}`] })).toMatchObject([{ property: name, source: '--set' }]);
  });
  it('of a list or a group where one value belongs are refused', () => {
    expect(
      faultsOf({ files: yaml('server.port: [1, 2]\ngateway.id: {a: 1}\n') }).map(({ property }) => property),
    ).toEqual(['gateway.id.a', 'server.port']);
  });
  it('may have the case and spelling that Spring takes', () => {
    const argv = ['--set', 'log.level=WARN', '--set', 'gateway.allowBranch=off', '--set', 'request.maxSize= 5 '];
    const { settings } = read({ argv });
    expect([settings.log.level, settings.gateway.allowBranch, settings.request.maxBodyBytes]).toEqual([
      'warn',
      false,
      5,
    ]);
  });
  it('of a list may be a list, text with commas, or nobody at all', () => {
    const ips = (text: string) => read({ files: yaml(text) }).settings.security.actuatorAllowedIps;
    expect(ips('security.actuator.allowed.ips: [10.0.0.0/8, "::1"]')).toEqual(['10.0.0.0/8', '::1']);
    expect(ips('security.actuator.allowed.ips: 10.0.0.0/8 , ::1')).toEqual(['10.0.0.0/8', '::1']);
    expect(ips('security.actuator.allowed.ips: ""')).toEqual([]);
  });
});

describe('settings together', () => {
  it('need a value for a constant instance number, and warn of it', () => {
    expect(faultsOf({ argv: ['--set', 'id.instanceNum.class=constant'] })).toMatchObject([
      { property: 'id.instanceNum.class' },
    ]);
    const { settings, warnings } = read({
      argv: ['--set', 'id.instanceNum.class=constant', '--set', 'id.instanceNum.value=0123'],
    });
    expect(settings.id.constantInstance).toBe('0123');
    expect(warnings).toHaveLength(1);
  });
  it('know the class names of the original', () => {
    const loaded = read({ argv: ['--set', 'id.instanceNum.class=com.rierino.util.OrdinalNumberGenerator'] });
    expect(loaded.settings.id.instanceNumber).toBe('ordinal');
  });
  it('have no management listener on the port of the first', () => {
    const { settings, warnings } = read({
      argv: ['--set', 'server.port=8080', '--set', 'server.management.port=8080'],
    });
    expect(settings.management.port).toBeNull();
    expect(warnings).toHaveLength(1);
  });
  it('take the partition of RUNNER_PARTITION unless id.partition is set', () => {
    const env = { RUNNER_PARTITION: '7' };
    expect(entryOf(read({ env }), 'id.partition')).toMatchObject({
      value: '7',
      source: 'environment RUNNER_PARTITION',
    });
    expect(read({ env, argv: ['--set', 'id.partition=8'] }).settings.id.partition).toBe('8');
  });
});

describe('the demo', () => {
  const env = { SLUICE_STARTED_BY: 'npm-start' };

  it('runs by itself only under npm start with nothing configured', () => {
    expect(read({ env }).runsDemo).toBe(true);
    expect(read({}).runsDemo).toBe(false);
    expect(read({ env, files: yaml('') }).runsDemo).toBe(false);
    expect(read({ env: { ...env, SLUICE_SERVER_PORT: '0' } }).runsDemo).toBe(false);
    expect(read({ env, argv: ['--set', 'server.port=0'] }).runsDemo).toBe(false);
  });
  it('runs, or does not, where demo.enabled says so', () => {
    expect(read({ argv: ['--set', 'demo.enabled=true'] }).runsDemo).toBe(true);
    expect(read({ env, argv: ['--set', 'demo.enabled=false'] }).runsDemo).toBe(false);
  });
});
