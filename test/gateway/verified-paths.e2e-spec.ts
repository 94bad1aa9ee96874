import { describe, expect, it } from '@jest/globals';
import { askEvent } from '../../examples/identity-over-rpc/ask.js';
import { authOf, bearer, worldOfTests, providerOver, said, WAYS } from '../support/identity-world.js';

const paths = {
  open: { isPublic: true },
  plain: {},
  checked: { verifyAccessToken: true },
  admins: { verifyAccessToken: true, methods: { '*': { roles: ['admin'] } } },
  all: { verifyAccessToken: true, isPublic: true },
};
const world = worldOfTests({
  variants: {
    main: {
      token: (way) => ({ provider: providerOver(`auth_${way}`, { timeout: 300 }) }),
      channel: { paths, anonymousToken: true },
    },
    sealed: { token: () => ({ encryptionSecret: 'e'.repeat(32) }), channel: { paths } },
    bound: { token: () => ({ verifiable: false }), channel: { paths } },
    deaf: { token: (way) => ({ provider: providerOver(`auth_${way}`, {}, { validate: null }) }), channel: { paths } },
  },
});

describe.each(WAYS)('a path with verifyAccessToken, over %s', (way) => {
  const at = `main_${way}`;
  const login = async (channel = at, user = 'ada') => {
    const { token, refreshToken } = await world.tokens(channel, user);
    world.calls.length = 0;
    return { headers: bearer(token), refreshToken };
  };

  it('asks the provider each time, by the access token that the token carries', async () => {
    const { headers } = await login();
    for (const _ of [1, 2]) expect((await world.get(`${at}/checked`, headers)).status).toBe(200);
    expect((await world.get(`${at}/plain`, headers)).status).toBe(200);
    const [first, second, ...more] = world.asked('validate').map(authOf);
    expect([first, more]).toEqual([{ access_token: expect.any(String) }, []]);
    expect(second).toEqual(first);
  });
  it('refuses at once what was revoked there, and nothing else does', async () => {
    const { headers, refreshToken } = await login();
    expect((await world.get(`${at}/checked`, headers)).status).toBe(200);
    await askEvent(world.server.baseUrl, '/auth/user/logout', { auth: { refresh_token: refreshToken } });
    expect(said(await world.get(`${at}/checked`, headers))).toEqual([401, 'invalid token']);
    expect((await world.get(`${at}/plain`, headers)).status).toBe(200);
  });
  it('looks at the roles first', async () => {
    const { headers } = await login(at, 'bob');
    expect((await world.get(`${at}/admins`, headers)).status).toBe(403);
    expect(world.asked('validate')).toEqual([]);
  });
  it.each(['hang', 'garbage', 'html', 'error', 'reset'] as const)(
    'is 503 while the provider fails: %s',
    async (answer) => {
      const { headers } = await login();
      world.server.setFault('validate', { answer });
      const closed = await world.get(`${at}/checked`, headers);
      expect([closed.status, closed.headers['retry-after']]).toEqual([503, '1']);
      expect(world.backend.seen.filter(({ url }) => url.endsWith('/checked'))).toEqual([]);
      expect((await world.get(`${at}/plain`, headers)).status).toBe(200);
      world.server.setFault('validate', null);
      expect((await world.get(`${at}/checked`, headers)).status).toBe(200);
    },
  );
  it('is closed to tokens that carry nothing, and where the provider has no URL to ask at', async () => {
    const { headers } = await login(`bound_${way}`);
    expect(said(await world.get(`bound_${way}/checked`, headers))).toEqual([401, 'invalid token']);
    const { headers: deaf } = await login(`deaf_${way}`);
    expect((await world.get(`deaf_${way}/checked`, deaf)).status).toBe(503);
  });
  it('is closed to guests and to who comes without a token, a public one too', async () => {
    const guest = String((await world.get(`${at}/open`)).headers['rierino-auth.guest_token']);
    for (const headers of [{}, { 'Rierino-Auth.guest_token': guest }])
      for (const path of ['checked', 'all'])
        expect([path, said(await world.get(`${at}/${path}`, headers))]).toEqual([path, [401, 'missing token']]);
    expect((await world.get(`${at}/all`, (await login()).headers)).status).toBe(200);
  });
  it('asks by what an encrypted token carries as well', async () => {
    const { headers } = await login(`sealed_${way}`);
    expect((await world.get(`sealed_${way}/checked`, headers)).status).toBe(200);
    expect(world.asked('validate').map(authOf)).toEqual([{ access_token: expect.stringMatching(/^ey/) }]);
    expect((await world.flow(`refresh/sealed_${way}`, { headers })).status).toBe(200);
    expect(world.asked('refresh')).toHaveLength(1);
  });
  it('takes an API key, which was resolved there', async () => {
    expect((await world.get(`${at}/checked`, { 'X-Api-Key': 'ada-key-for-trying-out' })).status).toBe(200);
    expect(world.asked('validate')).toEqual([]);
  });
});
