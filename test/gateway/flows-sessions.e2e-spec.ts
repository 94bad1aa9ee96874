import { describe, expect, it } from '@jest/globals';
import { aChannel } from '../support/channels.js';
import {
  bearer,
  claimsOf,
  worldOfTests,
  resigned,
  sessionOver,
  tokensOf,
  WAYS,
  type Way,
} from '../support/identity-world.js';

const LATER = 600_000;
const variants = {
  main: { token: (way: Way) => ({ session: sessionOver(way, { bufferMs: 50, batchSize: 2 }) }) },
  patient: { token: (way: Way) => ({ session: sessionOver(way, { bufferMs: LATER }) }) },
  guests: { channel: { anonymousToken: true } },
  none: { token: () => ({ session: null }) },
  // What differs is another server to the gateway: it knows nothing yet of how it is.
  error: { token: (way: Way) => ({ session: sessionOver(way, { bufferSize: 11 }) }) },
  garbage: { token: (way: Way) => ({ session: sessionOver(way, { bufferSize: 12 }) }) },
  reset: { token: (way: Way) => ({ session: sessionOver(way, { bufferSize: 13 }) }) },
};
const world = worldOfTests({
  variants,
  channels: ({ backend }) =>
    WAYS.map((way) => aChannel(`plain_${way}`, backend.url, { executor: 'crud', authToken: `main_${way}`, paths: {} })),
});

const sessionSeen = (): unknown => world.backend.lastEvent().requestMeta.sessionId;
const asked = (action: string) => world.calls.filter(({ path }) => path.startsWith(`/session/user/${action}`));
/** What the session server was told of, event or plain. */
const originIn = (body: string): unknown => {
  const sent = JSON.parse(body) as { requestMeta?: { origin: unknown } };
  return sent.requestMeta?.origin ?? sent;
};
const listIn = (body: string): string[] => {
  const sent = JSON.parse(body) as string[] | { payload: { parameters: { list: string[] } } };
  return Array.isArray(sent) ? sent : sent.payload.parameters.list;
};
let count = 0;
/** A user whom this gateway has not seen: the token comes from another replica, say. */
const stranger = async (at: string): Promise<{ id: string; headers: { authorization: string } }> => {
  const id = `u${++count}`;
  const { token } = await world.tokens(at);
  const made = await resigned(token, { user_id: id, session: null });
  world.calls.length = 0;
  return { id, headers: bearer(made) };
};

describe.each(WAYS)('a session over %s', (way) => {
  const at = `main_${way}`;

  it('begins with the login, is in the token and in what runners see', async () => {
    const { token } = await world.tokens(at);
    await world.get(`${at}/any`, bearer(token));
    const { session } = claimsOf(token);
    expect([session, sessionSeen()]).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), session]);
  });
  it('is touched once an origin, by calls at once and after each other', async () => {
    const { id, headers } = await stranger(at);
    await Promise.all([1, 2, 3].map(() => world.get(`${at}/any`, headers)));
    await world.get(`${at}/any`, headers);
    expect(asked('touch').map(({ body }) => originIn(body))).toEqual([{ type: 'user', id }]);
    const seen = world.backend.seen.filter(({ url }) => url.endsWith('/any')).map(({ body }) => body);
    const ids = seen.map((body) => (JSON.parse(body) as { requestMeta: { sessionId: string } }).requestMeta.sessionId);
    expect([ids.length, new Set(ids).size, ids[0]]).toEqual([4, 1, expect.stringMatching(/^[\da-f-]{36}$/)]);
  });
  it('goes to crud runners in their metadata', async () => {
    const { headers } = await stranger(at);
    await world.get(`plain_${way}/any`, headers);
    const sent = String(world.backend.seen.at(-1)!.headers.request_metadata);
    const { sessionId } = JSON.parse(Buffer.from(sent, 'base64').toString()) as { sessionId: string };
    await world.get(`${at}/any`, headers);
    expect([sessionId, sessionSeen()]).toEqual([expect.any(String), sessionId]);
  });
  it('is extended in batches', async () => {
    const users = [];
    for (let index = 0; index < 5; index++) users.push(await stranger(at));
    for (const _ of [1, 2]) for (const { headers } of users) await world.get(`${at}/any`, headers);
    const keys = users.map(({ id }) => `user-${id}`);
    const lists = () => asked('extendList').map(({ body }) => listIn(body));
    await world.gateway.until(() => keys.every((key) => lists().flat().includes(key)));
    expect(Math.max(...lists().map(({ length }) => length))).toBeLessThanOrEqual(2);
    expect(asked('touch')).toHaveLength(5);
  });
  it('is none where the record names no server', async () => {
    const { token } = await world.tokens(`none_${way}`);
    await world.get(`none_${way}/any`, bearer(token));
    expect([sessionSeen(), claimsOf(token).session, world.calls.map(({ action }) => action)]).toEqual([
      ...[undefined, undefined],
      ['login', 'resolve'],
    ]);
  });
});

describe.each(WAYS)('a guest’s session over %s', (way) => {
  const at = `guests_${way}`;
  const guest = async () => {
    const { headers } = await world.get(`${at}/open`);
    const token = String(headers['rierino-auth.guest_token']);
    return { header: { 'Rierino-Auth.guest_token': token }, id: claimsOf(token).guest_id, sessionId: sessionSeen() };
  };

  it('begins with its first call', async () => {
    const { header, id, sessionId } = await guest();
    expect(asked('touch').map(({ body }) => originIn(body))).toEqual([{ type: 'guest', id }]);
    await world.get(`${at}/open`, header);
    expect([sessionId, sessionSeen()]).toEqual([expect.any(String), sessionId]);
    expect(asked('touch')).toHaveLength(1);
  });
  it('becomes that of the user who logs in', async () => {
    const { header, id, sessionId } = await guest();
    const { token } = await world.tokens(at, 'ada', header);
    expect(asked('stitch').map(({ body }) => originIn(body))).toEqual([
      { type: 'user', id: 'ada', parameters: { oldId: id, oldType: 'guest' } },
    ]);
    await world.get(`${at}/any`, bearer(token));
    expect([claimsOf(token).session, sessionSeen()]).toEqual([sessionId, sessionId]);
  });
  it('stays what it was where nobody logs in', async () => {
    const { header, sessionId } = await guest();
    const failed = await world.flow(`login/${at}`, { headers: header, body: { username: 'ada', password: 'x' } });
    expect(failed.status).toBe(401);
    await world.get(`${at}/open`, header);
    expect([asked('stitch'), sessionSeen()]).toEqual([[], sessionId]);
  });
  it('is not stitched for a token that is none', async () => {
    const header = { 'Rierino-Auth.guest_token': 'abc' };
    expect((await world.login(at, 'ada', header)).status).toBe(200);
    expect(asked('stitch')).toEqual([]);
  });
});

describe.each(WAYS)('when the process ends, over %s', (way) => {
  it('what waits is sent', async () => {
    const at = `patient_${way}`;
    const users = [await stranger(at), await stranger(at)];
    for (const _ of [1, 2]) for (const { headers } of users) await world.get(`${at}/any`, headers);
    expect(asked('extendList')).toEqual([]);
    await world.restart();
    const keys = asked('extendList').flatMap(({ body }) => listIn(body));
    expect(keys).toEqual(expect.arrayContaining(users.map(({ id }) => `user-${id}`)));
    expect((await world.get(`${at}/any`, users[0]!.headers)).status).toBe(200);
  }, 30_000);
});

describe.each(WAYS)('a session server that is away, over %s', (way) => {
  it.each(['error', 'garbage', 'reset'] as const)('stops no request and no login: %s', async (answer) => {
    const at = `${answer}_${way}`;
    const { headers } = await stranger(at);
    world.server.setFault('touch', { answer });
    const called = await world.get(`${at}/any`, headers);
    expect([called.status, sessionSeen()]).toEqual([200, undefined]);
    const login = await world.login(at, 'bob');
    expect([login.status, claimsOf(tokensOf(login).token).session]).toEqual([200, undefined]);
    expect(await world.gateway.metric('sluice_session_failures_total')).toBeGreaterThan(0);
  });
});
