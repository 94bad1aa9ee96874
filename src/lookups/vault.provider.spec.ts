import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProviderAway } from './lookup-provider.js';
import { VaultProvider, type VaultOptions } from './vault.provider.js';

const TOKEN = 'hvs.hunter2';
/** Secrets by mount and path, as Vault keeps them. */
const SECRETS: Readonly<Record<string, object>> = {
  'kv/data/db': { password: 'p', port: 5432, tls: true, none: null, more: { a: [1] } },
  'kv/data/team/db': { password: 'deep' },
  'team/kv/data/db': { password: 'other' },
  'kv/data/a%2Fb': { c: 'slash' },
};

let answer: ((request: IncomingMessage, response: ServerResponse) => void) | null = null;
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  if (answer !== null) return answer(request, response);
  const send = (status: number, body: object): void => void response.writeHead(status).end(JSON.stringify(body));
  if (request.headers['x-vault-token'] !== TOKEN) return send(403, { errors: ['permission denied'] });
  const data = SECRETS[(request.url ?? '').replace('/v1/', '')];
  if (data === undefined) return send(404, { errors: [] });
  return send(200, { request_id: 'x', data: { data, metadata: { version: 1 } } });
});
let address = '';
const folder = mkdtempSync(join(tmpdir(), 'sluice-vault-'));
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  answer = null;
  asked.length = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const vault = (options: Partial<VaultOptions> = {}) =>
  new VaultProvider({ address, token: TOKEN, tokenFile: null, mount: null, ...options });

describe('a path', () => {
  it('is mount, secret and key', async () => {
    expect(await vault().read('kv.db.password')).toBe('p');
    expect(await vault().read('kv.team.db.password')).toBe('deep');
    expect(asked).toEqual(['/v1/kv/data/db', '/v1/kv/data/team/db']);
  });
  it('is secret and key where a mount is set, which may have several parts', async () => {
    expect(await vault({ mount: 'kv' }).read('team.db.password')).toBe('deep');
    expect(await vault({ mount: 'team/kv' }).read('db.password')).toBe('other');
  });
  it.each(['', 'a', 'kv.db', 'kv..db.password', '.kv.db.x', 'kv.db.'])('is none of Vault: %j', async (path) => {
    expect(await vault().read(path)).toBeNull();
    expect(asked).toEqual([]);
  });
  it('is written so that it cannot lead elsewhere', async () => {
    expect(await vault().read('kv.a/b.c')).toBe('slash');
    expect(await vault().read('kv.db?x=1#.y')).toBeNull();
    expect(asked).toEqual(['/v1/kv/data/a%2Fb', '/v1/kv/data/db%3Fx%3D1%23']);
  });
  it('may begin below the path of the address', async () => {
    await vault({ address: `${address}/vault/` }).read('kv.db.password');
    expect(asked).toEqual(['/vault/v1/kv/data/db']);
  });
});

describe('a value of Vault', () => {
  it('is text as it is, and JSON of what is none', async () => {
    const session = vault().session();
    const read = (key: string) => session.read(`kv.db.${key}`);
    expect([await read('port'), await read('tls'), await read('more')]).toEqual(['5432', 'true', '{"a":[1]}']);
    expect([await read('none'), await read('other'), await read('__proto__')]).toEqual([null, null, null]);
  });
  it('is nothing where there is no secret, or its last version is deleted', async () => {
    expect(await vault().read('kv.none.a')).toBeNull();
    answer = (_, response) => void response.end('{"data": {"data": null, "metadata": {}}}');
    expect(await vault().read('kv.db.password')).toBeNull();
  });
  it('is fetched once for all keys of a secret in a session', async () => {
    const session = vault().session();
    await Promise.all([session.read('kv.db.password'), session.read('kv.db.port')]);
    await session.read('kv.db.tls');
    expect(asked).toHaveLength(1);
    await vault().session().read('kv.db.tls');
    expect(asked).toHaveLength(2);
  });
});

describe('a token of Vault', () => {
  it('is read from its file at each load', async () => {
    const tokenFile = join(folder, 'token');
    const provider = vault({ token: null, tokenFile });
    writeFileSync(tokenFile, 'old');
    await expect(provider.read('kv.db.password')).rejects.toThrow('403');
    writeFileSync(tokenFile, `${TOKEN}\n`);
    expect(await provider.read('kv.db.password')).toBe('p');
  });
  it('is a reason not to ask where its file is missing or holds none', async () => {
    await expect(vault({ token: null, tokenFile: join(folder, 'none') }).read('kv.db.a')).rejects.toThrow(
      'does not exist',
    );
    writeFileSync(join(folder, 'bad'), 'two\nlines');
    await expect(vault({ token: null, tokenFile: join(folder, 'bad') }).read('kv.db.a')).rejects.toThrow('no token');
    expect(asked).toEqual([]);
  });
  it('need not be: an agent before Vault may add it', async () => {
    answer = (request, response) =>
      void response.end(JSON.stringify({ data: { data: { a: String(request.headers['x-vault-token']) } } }));
    expect(await vault({ token: null }).read('kv.db.a')).toBe('undefined');
  });
});

describe('Vault that gives nothing', () => {
  const reading = (options: Partial<VaultOptions> = {}) => vault(options).read('kv.db.password');

  it.each([
    [403, 'check the token'],
    [503, 'may be sealed'],
    [500, 'it answers 500'],
    [302, 'it answers 302'],
  ])('is away with status %d', async (status, message) => {
    answer = (_, response) => void response.writeHead(status).end('{"errors": ["hunter2"]}');
    await expect(reading()).rejects.toThrow(message);
    await expect(reading()).rejects.toThrow(ProviderAway);
    await expect(reading()).rejects.not.toThrow('hunter2');
  });
  it.each(['', '<html>', '[]', '{"data": {"password": "p"}}', '{"data": {"data": "p"}}'])(
    'is away with the answer %j',
    async (text) => {
      answer = (_, response) => void response.end(text);
      await expect(reading()).rejects.toThrow('not that of a KV secrets engine of version 2');
    },
  );
  it('is away as a whole where it cannot be reached, or is too slow', async () => {
    await expect(reading({ address: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      isWhole: true,
      message: expect.stringContaining('refused'),
    });
    answer = () => undefined;
    await expect(reading({ timeoutMs: 50 })).rejects.toMatchObject({
      isWhole: true,
      message: expect.stringContaining('within 50 ms'),
    });
    answer = (_, response) => void response.write('{');
    await expect(reading({ timeoutMs: 50 })).rejects.toThrow('within 50 ms');
  });
  it('is away where its answer is too large', async () => {
    answer = (_, response) => void response.end(`{"data": {"data": {"password": "${'x'.repeat(1_100_000)}"}}}`);
    await expect(reading()).rejects.toThrow('larger than 1 MiB');
  });
});
