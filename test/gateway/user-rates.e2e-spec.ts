import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { TestBackend } from '../support/backend.js';
import { call, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { aChannel } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';

/** Limits of single users and addresses (spec/resilience.md, "User rate limit"), counted in this process. */
let backend: TestBackend;
let gateway: TestGateway;
const SECRET = 's'.repeat(64);
const token = {
  id: 'users',
  signingSecret: SECRET,
  claims: [
    { name: 'sub', special: 'ORIGIN_ID' },
    { name: 'type', special: 'ORIGIN_TYPE' },
  ],
};
const limited = (id: string, limits: object, more: object = {}) =>
  aChannel(id, backend.url, {
    authToken: 'users',
    userRateLimit: { period: 60, identifier: 'user', ...limits },
    ...more,
  });

beforeAll(async () => {
  backend = await TestBackend.start();
  gateway = await TestGateway.start({
    settings: { 'server.trustProxy': '127.0.0.1/32' },
    components: {
      'all.json': {
        tokens: [token],
        services: [{ id: 'rates', type: 'rate', parameters: { persistenceHelperClass: 'memory' } }],
        channels: [
          limited('user', { globalDefault: 2 }),
          limited('types', { globalDefault: 1, globalTypes: { partner: 3, user: -1 } }),
          limited('both', { identifier: 'both', globalDefault: -1, globalTypes: { user: 2, ip: 3 } }),
          limited('path', { globalDefault: -1, paths: { '/dear': { defaultRate: 1 } } }),
          limited('off', { isEnabled: false, globalDefault: 1 }),
          limited('together', { globalDefault: 1 }, { rateLimiter: { periodLimit: 100, refreshPeriod: 3_600_000 } }),
          limited('missing', { service: 'nowhere', globalDefault: 1 }),
          limited('bad', { period: 'soon', globalDefault: 1 }),
        ],
      },
    },
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await backend.close();
}, 60_000);

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
function tokenOf(sub: string, type = 'user'): string {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const text = `${encoded({ alg: 'HS512', typ: 'JWT' })}.${encoded({ sub, type, exp })}`;
  return `${text}.${createHmac('sha512', SECRET).update(text).digest('base64url')}`;
}
const get = (path: string, user: string | null, { type = 'user', ip = '203.0.113.1' } = {}): Promise<CallAnswer> =>
  call(gateway.port, `/api/request/${path}`, {
    headers: { 'X-Forwarded-For': ip, ...(user !== null && { Authorization: `Bearer ${tokenOf(user, type)}` }) },
  });
const statuses = async (...answers: Promise<CallAnswer>[]): Promise<number[]> => {
  const list: number[] = [];
  for (const answer of answers) list.push((await answer).status);
  return list;
};

describe('a limit of users', () => {
  it('counts each by itself, tells what is left, and refuses with 429 what is too much', async () => {
    const first = await get('user/x', 'ann');
    expect([first.headers['ratelimit-policy'], first.headers.ratelimit]).toEqual([
      '"user";q=2;w=3600',
      expect.stringMatching(/^"user";r=1;t=\d+$/),
    ]);
    await get('user/x', 'ann');
    const refused = await get('user/x', 'ann');
    expect([refused.status, refused.json<ErrorAnswer>().error]).toEqual([
      429,
      expect.objectContaining({ code: 429, message: 'your rate limit is reached' }),
    ]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1700);
    expect(refused.headers.ratelimit).toMatch(/^"user";r=0;t=3\d\d\d$/);
    expect((await get('user/x', 'bob')).status).toBe(200);
  });
  it('is that of the type where there is one, and the default for others', async () => {
    const partner = () => get('types/x', 'p', { type: 'partner' });
    expect(await statuses(partner(), partner(), partner(), partner())).toEqual([200, 200, 200, 429]);
    const user = () => get('types/x', 'u');
    expect(await statuses(user(), user(), user(), user())).toEqual([200, 200, 200, 200]);
  });
  it('does nothing where it is not enabled', async () => {
    expect(await statuses(get('off/x', 'a'), get('off/x', 'a'))).toEqual([200, 200]);
  });
});

describe('a limit of users and addresses', () => {
  it('is reached by whichever comes first', async () => {
    const from = (user: string) => get('both/x', user, { ip: '198.51.100.7' });
    expect(await statuses(from('a'), from('a'), from('a'))).toEqual([200, 200, 429]);
    expect(await statuses(from('b'), from('c'))).toEqual([200, 429]);
    expect((await get('both/x', 'c', { ip: '198.51.100.8' })).status).toBe(200);
  });
});

describe('a limit of a path', () => {
  it('counts that path alone', async () => {
    expect(await statuses(get('path/dear', 'a'), get('path/dear', 'a'), get('path/cheap', 'a'))).toEqual([
      200, 429, 200,
    ]);
    expect((await get('path/dear', 'z')).headers['ratelimit-policy']).toBe('"user-path";q=1;w=3600');
  });
});

describe('the request line of a refused call', () => {
  it('tells which limit it was, and not whose', async () => {
    for (const path of ['user', 'path/dear']) for (let count = 0; count < 3; count++) await get(path, 'logged');
    const limits = () =>
      gateway.requestLines().flatMap(({ user, limit }) => (user === 'logged' && limit !== undefined ? [limit] : []));
    await gateway.until(() => limits().length === 3);
    const common = { rule: 'user', periodMs: 3_600_000 };
    expect(limits()).toEqual([
      { ...common, scope: 'channel', policy: 'user', most: 2 },
      { ...common, scope: 'path', policy: 'user-path', most: 1 },
      { ...common, scope: 'path', policy: 'user-path', most: 1 },
    ]);
  });
});

describe('a limit of users beside the channel’s own', () => {
  it('tells of both in one list', async () => {
    const { headers } = await get('together/x', 'a');
    expect(headers['ratelimit-policy']).toBe('"global";q=100;w=3600, "user";q=1;w=3600');
    expect(headers.ratelimit).toMatch(/^"global";r=99;t=\d+, "user";r=0;t=\d+$/);
  });
});

describe('a limit at fault', () => {
  it('keeps its channel out of force, and says where', async () => {
    expect(await statuses(get('missing/x', 'a'), get('bad/x', 'a'))).toEqual([500, 500]);
    const { faults } = (await call(gateway.port, '/health')).json<{
      faults: { id: string; pointer: string; code: number }[];
    }>();
    expect(faults.map(({ id, pointer, code }) => [id, pointer, code])).toEqual(
      expect.arrayContaining([
        ['missing', '/userRateLimit/service', 17003],
        ['bad', '/userRateLimit/period', 17001],
      ]),
    );
  });
});
