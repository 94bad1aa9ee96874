import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsRejected } from './faults.js';
import { loadSettings } from './load-settings.js';
import type { LoadedSettings } from './read-settings.js';

const root = mkdtempSync(join(tmpdir(), 'sluice-load-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
  readonly set?: readonly string[];
}

function load({ files = {}, env = {}, set = [] }: Given): Promise<LoadedSettings> {
  const cwd = mkdtempSync(join(root, 'cwd-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return loadSettings({ argv: set.flatMap((pair) => ['--set', pair]), env, cwd });
}

async function faultsOf(given: Given): Promise<string[]> {
  try {
    await load(given);
  } catch (error) {
    if (error instanceof SettingsRejected) {
      return error.faults.map(({ property, value, problem }) => `${property} = ${value}: ${problem}`);
    }
    throw error;
  }
  return [];
}

const entryOf = ({ entries }: LoadedSettings, name: string) => entries.find((entry) => entry.name === name);

let vault: Server | null = null;
afterEach(() => {
  vault?.closeAllConnections();
  vault?.close();
  vault = null;
});

/** A Vault that gives one secret to whoever has the token. */
async function aVault(token: string, data: object): Promise<string> {
  vault = createServer((request, response) => {
    const isAllowed = request.headers['x-vault-token'] === token;
    response.writeHead(isAllowed ? 200 : 403).end(JSON.stringify({ data: { data } }));
  });
  await new Promise<void>((resolve) => vault!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(vault.address() as AddressInfo).port}`;
}

describe('lookups in settings', () => {
  it('are resolved in the environment', async () => {
    const env = { HOSTNAME: 'shop-1', LEVEL: 'warn', MY_PORT: '7' };
    const loaded = await load({
      env,
      set: ['gateway.id=gw-${{HOSTNAME}}', 'log.level=${{?LEVEL}}', 'server.port=${{my.port}}'],
    });
    expect(loaded.settings.gateway.id).toBe('gw-shop-1');
    expect(loaded.settings.log.level).toBe('warn');
    expect(entryOf(loaded, 'server.port')).toMatchObject({ value: 7, source: '--set' });
  });
  it('are resolved in files, properties and Vault, as the settings of lookups say', async () => {
    const address = await aVault('hunter2', { level: 'error' });
    const files = { 'secrets/id': 'from-file\n', 'lookups.properties': 'ip=10.0.0.1' };
    const { settings } = await load({
      files,
      env: { SLUICE_LOOKUP_VAULT_ADDRESS: address, VAULT_TOKEN: 'hunter2' },
      set: [
        'lookup.files.folder=secrets',
        'lookup.properties.file=lookups.properties',
        'lookup.vault.token=#{{?VAULT_TOKEN}}',
        'gateway.id=${{id}}',
        'security.actuator.allowed.ips=${{ip}}, ::1',
        'log.level=${{kv.log.level}}',
      ],
    });
    expect(settings.gateway.id).toBe('from-file');
    expect(settings.security.actuatorAllowedIps).toEqual(['10.0.0.1', '::1']);
    expect(settings.log.level).toBe('error');
    expect(settings.lookup.vaultToken).toBe('hunter2');
  });
  it('may stand in lists and in the configuration file', async () => {
    const yaml = 'security.actuator.allowed.ips: ["${{IP}}", "::1"]\n';
    const { settings } = await load({ files: { 'config/application.yaml': yaml }, env: { IP: '10.0.0.1' } });
    expect(settings.security.actuatorAllowedIps).toEqual(['10.0.0.1', '::1']);
  });
  it('are secret with #, wherever the value is shown', async () => {
    const loaded = await load({ env: { ID: 'hunter2' }, set: ['gateway.id=#{{ID}}', 'id.prefix=${{ID}}'] });
    expect(loaded.settings.gateway.id).toBe('hunter2');
    expect(entryOf(loaded, 'gateway.id')?.value).toBe('********');
    expect(entryOf(loaded, 'id.prefix')?.value).toBe('hunter2');
    const faults = await faultsOf({ env: { PORT: 'hunter2' }, set: ['server.port=#{{PORT}}'] });
    expect(faults).toEqual(['server.port = ********: expected a whole number from 0 to 65535']);
  });
  it('that find nothing are faults of their settings, beside all others', async () => {
    const faults = await faultsOf({ set: ['gateway.id=${{my.id}}', 'log.level=loud', 'server.host=${{'] });
    expect(faults.map((fault) => fault.split(' = ')[0]).sort()).toEqual(['gateway.id', 'log.level', 'server.host']);
    expect(faults.join()).toContain('environment variable my.id or MY_ID');
  });
  it('in settings of lookups ask the environment only', async () => {
    const files = { 'secrets/token': 'x' };
    const set = ['lookup.files.folder=secrets', 'lookup.vault.token=#{{token}}', 'gateway.id=#{{token}}'];
    const faults = await faultsOf({ files, set });
    expect(faults[0]).toContain('lookup.vault.token = ********: #{{token}} finds nothing');
    expect(faults[1]).toContain('gateway.id = "#{{token}}": its lookups need settings of lookup.*');
    expect(faults).toHaveLength(2);
  });
  it('of settings that nobody knows are not looked for', async () => {
    const { warnings } = await load({ set: ['no.such.thing=${{a}}'] });
    expect(warnings).toEqual(['Setting "no.such.thing" is unknown (--set)']);
  });
  it('give what they find as it is', async () => {
    const { settings } = await load({ env: { A: 'x-${y}' }, set: ['security.headers.hsts=${{A}}'] });
    expect(settings.security.hsts).toBe('x-${y}');
  });
});

describe('settings of lookups', () => {
  it('are absolute paths', async () => {
    const { settings } = await load({
      env: { SLUICE_LOOKUP_FILES_FOLDER: '/x/../etc' },
      set: ['lookup.vault.tokenFile=/a/./b'],
    });
    expect(settings.lookup.filesFolder).toBe('/etc');
    expect(settings.lookup.vaultTokenFile).toBe('/a/b');
  });
  it('may be those of the original, values and secrets apart', async () => {
    const text = [
      'rierino.value.loader.class=com.rierino.util.FileKVLoader',
      'rierino.value.loader.root=/etc/values',
      'rierino.value.loader.single-dir=true',
      'rierino.value.loader.dynamic=false',
      'rierino.secret.loader.class=com.rierino.util.PropertiesKVLoader',
      'rierino.secret.loader.path=/etc/secrets.properties',
      'spring.cloud.vault.uri=http://vault:8200',
      'spring.cloud.vault.token=hunter2',
    ].join('\n');
    const loaded = await load({ files: { 'a.properties': text }, env: { SLUICE_CONFIG: 'a.properties' } });
    expect(loaded.settings.lookup).toMatchObject({
      filesFolder: '/etc/values',
      secretFilesFolder: null,
      secretPropertiesFile: '/etc/secrets.properties',
      vaultAddress: 'http://vault:8200',
      vaultToken: 'hunter2',
    });
    expect(entryOf(loaded, 'lookup.vault.token')?.value).toBe('********');
    expect(loaded.infos).toEqual([]);
  });
  it.each([
    'secret.loader.class=my.own.Loader',
    'lookup.vault.address=vault:8200',
    'lookup.vault.address=http://u:hunter2@vault',
    'lookup.vault.mount=../sys',
    'lookup.vault.token=two words',
  ])('are refused: %s', async (pair) => {
    const faults = await faultsOf({ set: [pair] });
    expect(faults).toHaveLength(1);
    expect(faults[0]).not.toContain('hunter2');
  });
});

describe('keys of secrets', () => {
  const key = '0123456789abcdef0123456789abcdef';

  it('are 32 bytes, as they are or as base64, and never shown', async () => {
    const previous = `base64:${Buffer.alloc(32, 1).toString('base64')}`;
    const loaded = await load({ set: [`secrets.key=${key}`, `secrets.key.previous=${previous}`] });
    expect(loaded.settings.secrets).toMatchObject({ key, previousKey: previous });
    expect(entryOf(loaded, 'secrets.key')?.value).toBe('********');
    expect(entryOf(loaded, 'secrets.key.previous')?.value).toBe('********');
  });
  it('may come from where secrets are kept', async () => {
    const { settings } = await load({ env: { KEY: key }, set: ['secrets.key=#{{KEY}}'] });
    expect(settings.secrets.key).toBe(key);
  });
  it.each(['hunter2', 'base64:aHVudGVyMg=='])('are refused where they are none: %s', async (text) => {
    const faults = await faultsOf({ set: [`secrets.key=${text}`] });
    expect(faults).toEqual([expect.stringContaining('secrets.key = ********: expected exactly 32 bytes')]);
    expect(faults.join()).toContain('it has 7');
  });
});
