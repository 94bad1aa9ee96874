import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlClient } from '../../src/control-socket/control-client.js';
import { freePort } from '../process/program.js';
import { sendJson, TestBackend } from '../support/backend.js';
import { aChannel } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';
import { ConfigServer, type Served } from './config-server.js';

jest.setTimeout(90_000);

/** Answers with the secret that the system of the call has. */
let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.start((request, response) =>
    sendJson(response, JSON.stringify({ key: request.headers['x-key'] ?? null })),
  );
});
afterAll(() => backend.close());

let home: string;
let port: number;
let gateway: TestGateway | null;
let source: ConfigServer;
const snapshot = (): string => join(home, 'data/snapshot.json');
const channel = (id: string, key: string, fields: object = {}): Record<string, unknown> =>
  aChannel(id, backend.url, { parameters: { 'server.header.X-Key': key }, ...fields });
const serving = (...channels: object[]): Served => ({ gateway_channel: channels });

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'sluice-restarts-'));
  port = await freePort();
  gateway = null;
  source = await ConfigServer.at(serving(channel('c', 'one')));
});
afterEach(async () => {
  await gateway?.stop('SIGKILL');
  await source.kill();
  rmSync(home, { recursive: true, force: true });
});

/** A process on the same data folder as the one before. */
function start(settings: Readonly<Record<string, string | number>> = source.settings): void {
  gateway = TestGateway.spawn({
    settings: {
      'server.port': port,
      'data.folder': join(home, 'data'),
      'secrets.key': 'a'.repeat(32),
      'log.requests': 'none',
      ...settings,
    },
    env: { GOOD_KEY: 'one', ROUND_A: '${{ROUND_B}}', ROUND_B: '${{ROUND_A}}' },
  });
}
async function kill(): Promise<void> {
  await gateway?.stop('SIGKILL');
  gateway = null;
}
const url = (path: string): string => `http://127.0.0.1:${port}${path}`;
const statusOf = async (path: string): Promise<number | null> =>
  (await fetch(url(path)).catch(() => null))?.status ?? null;
const ready = (): Promise<void> => gateway!.until(async () => (await statusOf('/health/ready')) === 200);
async function keyOf(id: string): Promise<string> {
  const answer = await fetch(url(`/api/request/${id}/x`));
  const { key, error } = (await answer.json()) as { key?: string; error?: { code: number } };
  return error === undefined ? String(key) : `${answer.status} ${error.code}`;
}
const serves = (id: string, key: string): Promise<void> =>
  gateway!.until(async () => (await keyOf(id).catch(() => '')) === key);
async function faults(): Promise<string[]> {
  const answer = await fetch(url('/health')).catch(() => null);
  const { faults } = ((await answer?.json()) ?? { faults: [] }) as {
    faults: { kind: string; id: string; message: string }[];
  };
  return faults.map(({ kind, id, message }) => `${kind} ${id}: ${message}`);
}
const told = (pattern: RegExp): Promise<void> =>
  gateway!.until(async () => (await faults()).some((fault) => pattern.test(fault)));
const healed = (): Promise<void> => gateway!.until(async () => (await faults()).length === 0);
/** A process that was killed once its snapshot lay there. */
async function oneBefore(settings?: Readonly<Record<string, string | number>>): Promise<void> {
  start(settings);
  await ready();
  await until(() => existsSync(snapshot()));
  await kill();
}

describe('a gateway whose source is away at the start', () => {
  it('serves what was good before it was killed, says so, and takes over what comes', async () => {
    await source.start();
    await oneBefore();
    await source.kill();
    start();
    await ready();
    expect(await keyOf('c')).toBe('one');
    await told(/system \*: .*refuses the connection.*The last known good of 20\S+Z serves\./);
    await source.set(serving(channel('c', 'two')));
    await source.start();
    await serves('c', 'two');
    await healed();
  });

  it.each<[string, () => void, RegExp]>([
    ['truncated', () => truncateSync(snapshot(), readFileSync(snapshot()).length - 20), /is truncated/],
    [
      'of a newer format',
      () => writeFileSync(snapshot(), readFileSync(snapshot(), 'utf8').replace('"format":1', '"format":99')),
      /was made by a newer release \(format 99/,
    ],
    ['no snapshot at all', () => writeFileSync(snapshot(), 'hello'), /is not a snapshot of components/],
  ])('and whose snapshot is %s is not ready and says why, until the source comes', async (_, spoil, why) => {
    await source.start();
    await oneBefore();
    await source.kill();
    spoil();
    await staysUnready(why);
  });

  it('and whose secrets.key is another is not ready and says why, until the source comes', async () => {
    await source.start();
    await oneBefore();
    await source.kill();
    await staysUnready(/was sealed with the key .*set secrets\.key/, {
      ...source.settings,
      'secrets.key': 'b'.repeat(32),
    });
  });

  async function staysUnready(why: RegExp, settings?: Readonly<Record<string, string | number>>): Promise<void> {
    start(settings);
    await told(why);
    expect([await statusOf('/health/ready'), await statusOf('/health/live')]).toEqual([503, 200]);
    await gateway!.until(() => gateway!.lines.some(({ msg }) => /cannot be used/.test(String(msg))));
    const line = gateway!.lines.find(({ msg }) => msg === 'The last known good components cannot be used.');
    expect([line?.['level'], line?.['reason']]).toEqual([50, expect.stringMatching(why)]);
    expect(gateway!.child.exitCode).toBeNull();
    await source.start();
    await ready();
    expect(await keyOf('c')).toBe('one');
    await healed();
  }
});

describe('a source that holds nothing any more', () => {
  it('is not believed until somebody accepts it', async () => {
    await source.start();
    start();
    await ready();
    await source.set(serving());
    await told(/system \*: The source holds no record any more; everything stays in force.*channel, service, token/);
    expect(await keyOf('c')).toBe('one');
    const control = new ControlClient(join(home, 'data'));
    const answer = await control.ask({ method: 'POST', path: '/refresh', body: { acceptEmpty: true } });
    expect(answer.state).toBe('answered');
    expect([await keyOf('c'), await faults()]).toEqual(['404 17002', []]);
  });
});

describe('a file that was broken between two processes', () => {
  const folder = (): string => join(home, 'components');
  it('leaves what it held in force, with a fault of each record, until it is mended', async () => {
    mkdirSync(folder());
    const file = join(folder(), 'all.json');
    writeFileSync(file, JSON.stringify({ channels: [channel('c', 'one'), channel('d', 'one')] }));
    const settings = { 'config.loader.folder': folder() };
    await oneBefore(settings);
    writeFileSync(file, '{"channels": [');
    start(settings);
    await ready();
    expect([await keyOf('c'), await keyOf('d')]).toEqual(['one', 'one']);
    await told(/channel d: The file that holds the record/);
    writeFileSync(file, JSON.stringify({ channels: [channel('c', 'two')] }));
    await serves('c', 'two');
    expect(await keyOf('d')).toBe('404 17002');
    await healed();
  });
});

describe('records of a source that are bad', () => {
  it('each have a clear fault, and what served goes on serving', async () => {
    await source.start();
    start();
    await ready();
    await source.set(
      serving(
        channel('c', 'two', { paths: 'wrong' }),
        channel('good', 'one'),
        channel('twice', 'one'),
        channel('twice', 'two'),
        channel('large', 'one', { description: 'x'.repeat(10_000_000) }),
        channel('round', '${{ROUND_A}}'),
        channel('missing', '#{{NO_SUCH_SECRET}}'),
        { data: { name: 'no id' } },
      ),
    );
    await serves('good', 'one');
    const standing = (await faults()).join('\n');
    expect(standing).toMatch(/channel c: .*"wrong"/);
    expect(standing).toMatch(/channel twice: .*stands more than once/);
    expect(standing).toMatch(/channel large: The record has 1000\d+ characters, and the most is/);
    expect(standing).toMatch(/channel round: .*Lookups lead in a circle/);
    expect(standing).toMatch(/channel missing: .*NO_SUCH_SECRET.* finds nothing/);
    expect(standing).toMatch(/channel : The record has no id/);
    expect([await keyOf('c'), await keyOf('twice'), await keyOf('large')]).toEqual(['one', '500 17001', '500 17001']);
    await source.set(serving(channel('c', 'three')));
    await serves('c', 'three');
    await healed();
  });
});

describe('a record with lookups', () => {
  let vault: Server;
  let vaultPort: number;
  const startVault = async (key: string): Promise<void> => {
    vault = createServer((_, response) => sendJson(response, JSON.stringify({ data: { data: { key } } })));
    await new Promise<void>((done) => vault.listen(vaultPort, '127.0.0.1', done));
    vaultPort = (vault.address() as AddressInfo).port;
  };
  const stopVault = async (): Promise<void> => {
    vault.closeAllConnections();
    await new Promise((done) => vault.close(done));
  };

  it('whose provider is away at the start has its last good version in force', async () => {
    vaultPort = 0;
    await startVault('from-vault');
    await source.set(serving(channel('c', '#{{kv.app.key}}'), channel('plain', 'one')));
    await source.start();
    const settings = { ...source.settings, 'lookup.vault.address': `http://127.0.0.1:${vaultPort}` };
    await oneBefore(settings);
    await stopVault();
    await source.set(serving(channel('c', '#{{kv.app.key}}'), channel('plain', 'two')));
    start(settings);
    await ready();
    expect([await keyOf('c'), await keyOf('plain')]).toEqual(['from-vault', 'two']);
    await told(/channel c: .*Vault at .* cannot be asked/);
    await startVault('renewed');
    await serves('c', 'renewed');
    await healed();
    await stopVault();
  });

  it('of a mounted file has its new value in force after the next refresh, and the old one while the file is gone', async () => {
    const mounted = join(home, 'secrets');
    mkdirSync(mounted);
    writeFileSync(join(mounted, 'app.key'), 'first\n');
    await source.set(serving(channel('c', '#{{app.key}}')));
    await source.start();
    start({ ...source.settings, 'gateway.refreshMs': -1, 'lookup.secrets.files.folder': mounted });
    await ready();
    expect(await keyOf('c')).toBe('first');
    writeFileSync(join(mounted, 'app.key'), 'second\n');
    gateway!.child.kill('SIGHUP');
    await serves('c', 'second');
    rmSync(join(mounted, 'app.key'));
    gateway!.child.kill('SIGHUP');
    await told(/channel c: .*app\.key.* finds nothing/);
    expect(await keyOf('c')).toBe('second');
  });
});
