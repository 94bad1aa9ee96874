import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { parse } from 'yaml';
import { aPostgresPlace } from '../storage/database-place.js';
import { OwnPostgres } from '../storage/own-postgres.js';
import { Replica } from '../storage/replica.js';
import { TestBackend } from '../support/backend.js';
import { call, type CallAnswer } from '../support/call.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

/** The records of docs/identity-server.md at two gateways on one Postgres that may be killed. */
const page = readFileSync(join(import.meta.dirname, '../../docs/identity-server.md'), 'utf8');
const DOCUMENTED = parse(
  /```yaml\n([\s\S]*?)```/.exec(page)![1]!.replace('${{SHOP_TOKEN_SECRET}}', 's'.repeat(64)),
) as Record<string, { id: string }[]>;
interface LoggedIn {
  readonly gateway_token: string;
  readonly refresh_token: string;
}

let postgres: OwnPostgres;
let backend: TestBackend;
let [a, b]: Replica[] = [];
let url: string;
beforeAll(async () => {
  postgres = OwnPostgres.start();
  backend = await TestBackend.start();
  const place = await aPostgresPlace(postgres.url);
  url = place.url;
  const settings = { 'database.url': url, 'server.trustProxy': 'private' };
  [a, b] = [new Replica(settings), new Replica(settings)];
  await Promise.all([a.start(), b.start()]);
  const more = {
    executor: 'rpc',
    parameters: { 'server.baseUrl': backend.url },
    target: '/api',
    authToken: 'shop_user',
    paths: {
      '*': { isPublic: false },
      verified: { isPublic: false, verifyAccessToken: true },
      open: { isPublic: true },
    },
  };
  const records = Object.entries({
    ...DOCUMENTED,
    channels: [...DOCUMENTED['channels']!, { id: 'shop', ...more }],
  }).flatMap(([kind, list]) => list.map(({ id, ...fields }) => ({ kind: kind.slice(0, -1), id, data: fields })));
  const outcome = await a.apply(records as never);
  expect(outcome.state).toBe('done');
  for (const replica of [a, b])
    await until(async () => (await call(replica.gateway.port, '/api/request/shop/open')).status === 200);
});
afterAll(async () => {
  postgres.restart();
  await Promise.all([a!.remove(), b!.remove()]);
  await backend.close();
  postgres.stop();
});

const post = (
  replica: Replica,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<CallAnswer> =>
  call(replica.gateway.port, path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const register = (replica: Replica, username: string) =>
  post(replica, '/api/auth/register/shop?thru=true', { username, password: 'correct horse' });
const login = (replica: Replica, username: string, password = 'correct horse', ip = '192.0.2.1') =>
  post(replica, '/api/auth/login/shop', { username, password }, { 'X-Forwarded-For': ip });
const get = async (replica: Replica, path: string, token: string): Promise<number> =>
  (await call(replica.gateway.port, `/api/request/shop/${path}`, { headers: { Authorization: `Bearer ${token}` } }))
    .status;
async function sql<R>(text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return (await client.query(text).finally(() => client.end())).rows as R[];
}

describe('two gateways with the built-in identity server on one Postgres', () => {
  it('take each other’s tokens', async () => {
    const { gateway_token, refresh_token } = (await register(a!, 'ada')).json<LoggedIn>();
    expect(await get(b!, 'verified', gateway_token)).toBe(200);
    const refreshed = await post(b!, '/api/auth/refresh/shop', { refresh_token });
    expect(await get(a!, 'verified', refreshed.json<LoggedIn>().gateway_token)).toBe(200);
    await post(b!, '/api/auth/logout/shop?thru=true', {}, { Authorization: `Bearer ${gateway_token}` });
    expect(await get(a!, 'verified', refreshed.json<LoggedIn>().gateway_token)).toBe(401);
  });

  it('check no more passwords than configured of eight attackers at once, from as many addresses', async () => {
    await register(a!, 'victim');
    const attack = async (attacker: number): Promise<number[]> => {
      const statuses = [];
      for (let guess = 0; guess < 3; guess++) {
        // All first guesses stand in line before any third: more than five have been wrong by then.
        const password = guess < 2 ? `wrong ${attacker}` : 'correct horse';
        statuses.push((await login(guess % 2 ? a! : b!, 'victim', password, `198.51.100.${attacker}`)).status);
      }
      return statuses;
    };
    const all = (await Promise.all(Array.from({ length: 8 }, (_, attacker) => attack(attacker)))).flat();
    expect(new Set(all)).toEqual(new Set([401]));
    const names = await sql<{ failures: number; locked: boolean }>(
      `SELECT failures, locked_until > clock_timestamp() AS locked FROM identity_attempts WHERE key LIKE 'n:%' AND failures > 0`,
    );
    expect(names).toEqual([{ failures: 5, locked: true }]);
  });

  it('go on with who is logged in while Postgres is gone, and tell who logs in to come again', async () => {
    const { gateway_token } = (await register(a!, 'joan')).json<LoggedIn>();
    postgres.kill();
    for (const replica of [a!, b!]) {
      await until(async () => {
        const answer = await login(replica, 'joan');
        return answer.status === 503 && Number(answer.headers['retry-after']) > 0;
      }, 30_000);
      expect(await get(replica, 'hello', gateway_token)).toBe(200);
    }
    postgres.restart();
    await until(async () => (await login(b!, 'joan')).status === 200, 30_000);
    expect(await get(b!, 'verified', gateway_token)).toBe(200);
  });

  it('lose nobody whose registration was told to have been done when Postgres is killed', async () => {
    const told: string[] = [];
    let goesOn = true;
    const registering = Promise.all(
      [a!, b!].map(async (replica, which) => {
        for (let index = 0; goesOn; index++) {
          const name = `user-${which}-${index}`;
          const { status } = await register(replica, name);
          if (status === 200) told.push(name);
        }
      }),
    );
    await until(() => told.length >= 10, 60_000);
    postgres.kill();
    await until(async () => (await login(a!, 'nobody')).status === 503, 30_000);
    goesOn = false;
    await registering;
    postgres.restart();
    await until(async () => (await login(a!, told[0]!)).status === 200, 30_000);
    const names = await sql<{ name: string }>(`SELECT name FROM identity_users`);
    expect(told.filter((name) => !names.some((row) => row.name === name))).toEqual([]);
  });
});
