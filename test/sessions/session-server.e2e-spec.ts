import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AesSecretBox, Database, ENTITIES } from '../storage/built.js';
import { TestBackend } from '../support/backend.js';
import { call, type ErrorAnswer } from '../support/call.js';
import { aChannel } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';

/** The records of docs/sessions.md, "The built-in session server", in a gateway with the embedded database. */
const KEY = 'k'.repeat(32);
const SECRET = 's'.repeat(64);
const page = readFileSync(join(import.meta.dirname, '../../docs/sessions.md'), 'utf8');
const records = /## The built-in session server[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page)![1]!;
let backend: TestBackend;
let gateway: TestGateway;
let data: string;

const start = (): Promise<TestGateway> =>
  TestGateway.start({
    settings: { 'data.folder': data, 'secrets.key': KEY },
    env: { SHOP_TOKEN_SECRET: SECRET },
    components: {
      'docs.yaml': records,
      'more.json': {
        channels: [
          aChannel('shop', backend.url, { authToken: 'shop_user' }),
          { id: 'open', system: 'sessions', target: '/session/user', paths: { '*': { isPublic: true } } },
          {
            id: 'bad',
            executor: 'local',
            target: '/session/user',
            paths: { '*': { isPublic: true } },
            parameters: { runner: 'session', ttl: 'long' },
          },
        ],
      },
    },
  });
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'sluice-sessions-'));
  backend = await TestBackend.start();
  gateway = await start();
  await answering();
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await backend.close();
  rmSync(data, { recursive: true, force: true });
}, 60_000);

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
function bearer(sub: string): { Authorization: string } {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const text = `${encoded({ alg: 'HS512', typ: 'JWT' })}.${encoded({ sub, type: 'user', exp })}`;
  return { Authorization: `Bearer ${text}.${createHmac('sha512', SECRET).update(text).digest('base64url')}` };
}
/** The session that the runner sees of a user's call. */
async function sessionOf(sub: string): Promise<unknown> {
  const { status } = await call(gateway.port, '/api/request/shop/x', { headers: bearer(sub) });
  expect(status).toBe(200);
  return backend.lastEvent().requestMeta['sessionId'];
}
const ask = (path: string, body: unknown = {}, method = 'POST') =>
  call(gateway.port, `/api/request/open${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    ...(method === 'POST' && { body: JSON.stringify(body) }),
  });
/** The embedded database takes seconds to start, and requests wait for no session longer than two. */
const answering = (): Promise<void> => gateway.until(async () => (await ask('/expire/user-nobody')).status === 200);
const codes = async (...answers: ReturnType<typeof ask>[]): Promise<[number, number][]> =>
  (await Promise.all(answers)).map((answer) => [answer.status, answer.json<ErrorAnswer>().error?.code]);

describe('a gateway with the built-in session server', () => {
  it('gives runners the session of the user, the same each time', async () => {
    const first = await sessionOf('ann');
    expect(first).toMatch(/^[\da-f-]{36}$/);
    expect(await sessionOf('ann')).toBe(first);
    expect(await sessionOf('bob')).not.toBe(first);
  });
  it('has it in the database, where others may ask for it', async () => {
    const id = await sessionOf('ann');
    const answer = await ask('/extend/user-ann');
    const { session } = answer.json<{ session: { id: string; expire: number } }>();
    expect([answer.status, session.id]).toEqual([200, id]);
    expect(session.expire - Date.now()).toBeGreaterThan(1_700_000);
    expect((await ask('/extendList', { list: ['user-ann', 'user-x'] })).json()).toEqual({
      extended: 1,
      missing: ['user-x'],
    });
  });
  it('ends it', async () => {
    await sessionOf('eve');
    expect((await ask('/expire/user-eve')).json()).toEqual({ expired: true });
    expect((await ask('/expire', { originKey: 'user-eve' })).json()).toEqual({ expired: false });
  });
  it('answers bad input with what is wrong', async () => {
    const long = 'x'.repeat(600);
    expect(
      await codes(
        ...[ask('/touch'), ask('/stitch'), ask('/expire'), ask('/extendList')],
        ...[ask('/extendList', { list: 'a' }), ask('/extendList', { list: [{}] }), ask('/extend', { originKey: long })],
        ...[
          ask('/extend', { originKey: 'a\u0000' }),
          ask('/expire', { originKey: 'a', sessionId: [] }),
          ask(`/extend/${long}`),
        ],
      ),
    ).toEqual([...Array.from({ length: 4 }, () => [400, 10009]), ...Array.from({ length: 6 }, () => [400, 10011])]);
    expect(await codes(ask('/extend/user-nobody'), ask('/end'), ask('/touch', {}, 'GET'))).toEqual([
      [404, 11005],
      [404, 3],
      [405, 405],
    ]);
  });
  it('says which parameter is wrong', async () => {
    const { status } = await call(gateway.port, '/api/request/bad/touch', { method: 'POST' });
    expect(status).toBe(500);
    const { faults } = await gateway.health();
    expect(faults).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ id: 'bad', pointer: '/parameters/ttl' },
          message: expect.stringContaining('is a whole number of ms'),
        }),
      ]),
    );
  });
  it('sends what is buffered when it ends, and has all sessions after a restart', async () => {
    const sessions = [await sessionOf('ann'), await sessionOf('zoe')];
    // The first call touches; what comes after it is buffered, for seconds.
    await sessionOf('zoe');
    expect(await gateway.stop()).toBe(0);
    expect(await extended('user-zoe')).toBe(true);
    gateway = await start();
    await answering();
    expect([await sessionOf('ann'), await sessionOf('zoe')]).toEqual(sessions);
  }, 60_000);
});

/** Whether the session ends later than the touch that made it said. */
async function extended(key: string): Promise<boolean> {
  const box = new AesSecretBox([Buffer.from(KEY)]);
  const database = new Database({
    ...{
      url: null,
      folder: join(data, 'postgres'),
      entities: [...ENTITIES],
      box,
      hasGeneratedKey: false,
      log: () => undefined,
    },
  });
  try {
    const source = await database.open();
    const rows = await source.query<{ longer: boolean }[]>(
      `SELECT expires_at - begun_at > interval '1800 seconds' AS longer FROM sessions WHERE origin_key = $1`,
      [key],
    );
    return rows[0]!.longer;
  } finally {
    await database.close();
  }
}
