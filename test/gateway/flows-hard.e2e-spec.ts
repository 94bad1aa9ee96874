import { describe, expect, it } from '@jest/globals';
import { sendJson } from '../support/backend.js';
import type { ErrorAnswer } from '../support/call.js';
import {
  authOf,
  bearer,
  claimsOf,
  cookiesOf,
  IdentityWorld,
  worldOfTests,
  providerOver,
  resigned,
  said,
  secondsAgo,
  tokensOf,
  WAYS,
} from '../support/identity-world.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

/** Flows with clients that go, servers that say odd things, and numbers that no double holds. */
const world = worldOfTests({
  variants: {
    main: {},
    odd: { token: (way) => ({ provider: providerOver(`scripted_${way}`, {}, { resolve: null }) }) },
    short: { token: () => ({ gracePeriod: 10 }) },
    guests: { channel: { anonymousToken: true } },
  },
  guest: { claims: [{ name: 'guest_id', special: 'ORIGIN_ID' }] },
});

/** What the scripted provider says, as an event or plainly. */
const says = (way: string, payload: object): void => {
  const answer = way === 'rpc' ? { payload } : payload;
  world.scripted.handler = (_, response) => sendJson(response, JSON.stringify(answer));
};
const saysText = (way: string, payload: string): void => {
  world.scripted.handler = (_, response) => sendJson(response, way === 'rpc' ? `{"payload":${payload}}` : payload);
};
const login = (way: string, query = '') =>
  world.flow(`login/odd_${way}${query}`, { body: { username: 'a', password: 'b' } });

describe.each(WAYS)('over %s', (way) => {
  it('a refresh goes on without its client, and the next one gets what it gave', async () => {
    const { refreshToken } = await world.tokens(`main_${way}`);
    world.server.setFault('refresh', { latencyMs: 300 });
    const body = JSON.stringify({ refresh_token: refreshToken });
    const client = await RawClient.open(world.gateway.port);
    client.write(
      `POST /api/auth/refresh/main_${way} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await until(() => world.asked('refresh').length === 1);
    client.destroy();
    const answer = await world.flow(`refresh/main_${way}`, { body: { refresh_token: refreshToken } });
    expect([answer.status, world.asked('refresh').length]).toEqual([200, 1]);
    expect((await world.get(`main_${way}/admins`, bearer(tokensOf(answer).token))).status).toBe(200);
  });

  it('an id past 2^53 stays what it is, in the token and in the answer', async () => {
    saysText(way, '{"user":{"id":9007199254740993,"roles":["clerk"],"amount":1.10}}');
    const answer = await login(way);
    expect(answer.text).toContain('"id":9007199254740993');
    expect(answer.text).toContain('"amount":1.10');
    expect(claimsOf(tokensOf(answer).token).user_id).toBe('9007199254740993');
  });

  it.each([
    ['no id', { roles: ['admin'] }],
    ['an empty id', { id: '', roles: ['admin'] }],
    ['an object for an id', { id: { a: 1 } }],
  ])('a user with %s is nobody', async (_, user) => {
    says(way, { user, token: { access_token: 'a', refresh_token: 'r' } });
    expect((await login(way)).status).toBe(502);
  });

  it('an error that came with a good status is one', async () => {
    world.scripted.handler = (_, response) =>
      sendJson(response, JSON.stringify({ error: { code: 10125, message: 'no' }, user: { id: 'ada' } }));
    expect(said(await login(way))).toEqual([401, 'wrong credentials']);
  });

  it.each(['a\r\nX: 1', 'ü€', 'a b', 'a\u0000'])(
    'a token %j that no header can carry is the server’s fault',
    async (token) => {
      says(way, { user: { id: 'ada' }, token: { access_token: 'a', refresh_token: token } });
      expect((await login(way, '?cookie=true')).status).toBe(502);
    },
  );
  it('a refresh token with attributes of a cookie in it adds none', async () => {
    says(way, { user: { id: 'ada' }, token: { access_token: 'a', refresh_token: 'a;Domain=evil.com' } });
    const answer = await login(way, '?cookie=true');
    expect([answer.status, answer.headers['set-cookie']]).toEqual([502, undefined]);
  });

  it('what a body has beside texts reaches the server as it is', async () => {
    says(way, { user: { id: 'ada' } });
    const body = { username: 'a', password: 'b', tags: ['x', 1], profile: { age: 7 }, count: 3, flag: true };
    await world.flow(`register/odd_${way}?thru=true`, { body });
    const sent = world.scripted.seen[0]!.body;
    expect(authOf({ body: sent, isPlain: way === 'http' } as never)).toMatchObject(body);
  });

  it('what is past the bounds of credentials is refused, not left out', async () => {
    const long = await world.flow(`login/main_${way}`, { body: { username: 'x'.repeat(16_385), password: 'b' } });
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, 'x']));
    expect([long.status, (await world.flow(`login/main_${way}`, { body: many })).status]).toEqual([413, 413]);
    expect(world.asked('login')).toHaveLength(0);
  });

  it('a grace shorter than the leeway of clocks counts from its end', async () => {
    const { token, refreshToken } = await world.tokens(`short_${way}`);
    const headers = { 'Rierino-Auth.refresh_token': refreshToken };
    const late = bearer(await resigned(token, { exp: secondsAgo(35) }));
    expect((await world.get(`short_${way}/admins`, late)).status).toBe(401);
    const answer = await world.get(`short_${way}/admins`, { ...late, ...headers });
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
  });
  it('the refresh token of somebody else renews nobody’s token', async () => {
    const { token } = await world.tokens(`main_${way}`);
    const { refreshToken } = await world.tokens(`main_${way}`, 'bob');
    const headers = {
      ...bearer(await resigned(token, { exp: secondsAgo(50) })),
      'Rierino-Auth.refresh_token': refreshToken,
    };
    expect(said(await world.get(`main_${way}/open`, headers))).toEqual([401, 'expired token']);
  });

  it('a logout by the refresh token alone ends the session, too', async () => {
    const { refreshToken } = await world.tokens(`main_${way}`);
    expect((await world.flow(`logout/main_${way}`, { body: { refresh_token: refreshToken } })).status).toBe(200);
    expect(world.asked('expire')).toHaveLength(1);
  });

  it('a guest without a type is anonymous, and no shared cache keeps its token', async () => {
    const { headers } = await world.get(`guests_${way}/open`);
    expect(headers['cache-control']).toBe('no-store');
    expect(world.backend.lastEvent().requestMeta).toMatchObject({ origin: { type: 'anonymous' } });
  });
});

describe('an error of a plain server', () => {
  it('shows no more than its safe payload', async () => {
    const error = { code: 409, message: 'taken', payload: { internal: 'dbhost' }, safePayload: { field: 'username' } };
    world.scripted.handler = (_, response) => sendJson(response, JSON.stringify({ error }), 409);
    const answer = await world.flow('register/odd_http?thru=true', { body: { username: 'a' } });
    expect([answer.status, answer.json<ErrorAnswer>().error.payload]).toEqual([409, { field: 'username' }]);
  });
});

describe('a logout by the refresh cookie alone', () => {
  it('is refused where browsers are guarded: no page of another site may do it', async () => {
    const guarded = await IdentityWorld.start({ settings: { 'security.csrf.enabled': true } });
    try {
      const cookies = cookiesOf(await guarded.login('main_rpc?cookie=true'));
      const cookie = `Rierino-Auth.refresh_token=${cookies['Rierino-Auth.refresh_token']!.split(';', 1)[0]}`;
      expect((await guarded.flow('logout/main_rpc', { headers: { cookie } })).status).toBe(403);
    } finally {
      await guarded.close();
    }
  }, 60_000);
});

describe('records that could only fail', () => {
  it('are told in health: a server that is not there, a path that nobody can be verified for, a name that means something else', async () => {
    const faulty = await IdentityWorld.start({
      variants: {
        gone: {
          token: () => ({ provider: providerOver('nowhere'), verifiable: false }),
          channel: { paths: { x: { verifyAccessToken: true } } },
        },
        named: { token: () => ({ tokenName: 'refresh_token' }) },
        spaced: { token: () => ({ tokenName: 'a b;' }) },
      },
    });
    try {
      const { faults } = (await faulty.gateway.health()) as unknown as {
        faults: { pointer: string; severity: string }[];
      };
      const told = new Set(faults.map(({ pointer, severity }) => `${severity} ${pointer}`));
      expect([...told].sort()).toEqual(
        expect.arrayContaining([
          'fault /tokenName',
          'warning /paths/~1x/verifyAccessToken',
          'warning /provider/channel',
        ]),
      );
    } finally {
      await faulty.close();
    }
  }, 60_000);
});
