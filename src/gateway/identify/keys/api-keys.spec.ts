import { describe, expect, it } from '@jest/globals';
import {
  ADA,
  apiKeyWorld,
  KEY_CLAIMS,
  KEY_KIND,
  keyKindOf,
  PROVIDER,
  REFUSED,
  says,
  status,
  type Execute,
} from '../../../../test/support/api-key-world.js';
import { unplanned } from '../../../../test/support/an-exchange.js';
import { GatewayError } from '../../../errors/gateway.error.js';
import type { TokenKind } from '../token-kind.js';

describe('an API key that nobody knows yet', () => {
  it('is sent to resolveKey of the provider, with the type that the token record sets', async () => {
    const { calls, resolve } = apiKeyWorld();
    await resolve('k-1');
    expect(calls.map(({ path }) => path)).toEqual(['/keys/partner']);
    expect(JSON.parse(calls[0]!.event())).toMatchObject({
      requestMeta: { id: 'r-1', auth: { api_key: 'k-1' } },
      payload: { parameters: {} },
    });
  });
  it('gives a caller with the claims of its user, for a minute', async () => {
    const { clock, resolve } = apiKeyWorld();
    expect(await resolve('k-1')).toMatchObject({
      kind: 'caller',
      caller: {
        ...{ kind: KEY_KIND, isGuest: false, byApiKey: true, expiresAtMs: clock.nowMs + 60_000 },
        claims: { sub: 'ada', kind: 'partner', roles: ['clerk'] },
        applied: { originId: 'ada', originType: 'partner', roles: ['clerk'] },
        origin: { type: 'partner', id: 'ada' },
      },
    });
  });
  it("gives claims of the user's token and of its access token too, wherever the answer has them", async () => {
    const claims = Buffer.from('{"email":"ada@example.org"}').toString('base64url');
    const tokens = { access_token: `e30.${claims}.x`, refresh_token: 'r' };
    const answer = says({ user: { id: 'ada', ...tokens } });
    expect(await apiKeyWorld(() => answer).resolve('k-1')).toMatchObject({
      caller: { claims: { mail: 'ada@example.org', spare: 'r' } },
    });
  });
  it.each([{}, { user: {} }, { user: { id: null, roles: null } }, { user: 'ada' }, { token: {} }])(
    'is bad where the provider names nobody: %j',
    async (payload) => {
      const { keys, resolve } = apiKeyWorld(() => says(payload));
      expect((await resolve('k-1')).kind).toBe('bad');
      expect(keys.known(KEY_KIND, 'k-1')).toBe('bad');
    },
  );
  it.each([401, 403])('is bad where the provider says %d', async (code) => {
    expect(await apiKeyWorld(() => status(code)).resolve('k-1')).toEqual({
      ...{ kind: 'bad', cause: `the provider refuses the API key: ${code}` },
    });
  });
  it.each([
    ['no provider', keyKindOf({ provider: { channel: '' } }), /no provider/],
    ['no URL resolveKey', keyKindOf({ provider: { channel: 'auth', urls: { login: '/login' } } }), /no URL resolveKey/],
    ['nothing that fills its URL', keyKindOf({ claims: [] }), /\{type\}/],
  ])('is bad, and nobody is asked, where there is %s', async (_what, kind, cause) => {
    const { calls, resolve } = apiKeyWorld();
    expect(await resolve('k-1', kind)).toEqual({ kind: 'bad', cause: expect.stringMatching(cause) });
    expect(calls).toEqual([]);
  });
});

describe('a provider that cannot say', () => {
  it.each<[string, Execute, string]>([
    ['is away', () => Promise.reject(new GatewayError('BACKEND_UNREACHABLE')), 'BACKEND_UNREACHABLE'],
    ['is late', () => Promise.reject(new GatewayError('BACKEND_TIMEOUT')), 'BACKEND_TIMEOUT'],
    ['answers 503', () => status(503), 'BACKEND_UNAVAILABLE'],
    ['answers 400', () => status(400), 'BACKEND_FAILED'],
    ['answers garbage', () => ({ kind: 'event', status: 200, text: '<html>' }), 'ANSWER_UNREADABLE'],
  ])('lets nobody in when it %s, and is asked anew', async (_what, answer, error) => {
    const { calls, keys, resolve } = apiKeyWorld(answer);
    expect(await resolve('k-1')).toMatchObject({ kind: 'failed', error: { error } });
    expect(keys.known(KEY_KIND, 'k-1')).toBeNull();
    await resolve('k-1');
    expect(calls).toHaveLength(2);
  });
  it('makes no key bad while its channel is not in force', async () => {
    const { keys, resolve } = apiKeyWorld(unplanned, { inForce: false });
    expect(await resolve('k-1')).toMatchObject({ kind: 'failed', error: { error: 'BACKEND_UNAVAILABLE' } });
    expect(keys.known(KEY_KIND, 'k-1')).toBeNull();
  });
});

describe('an API key that is known', () => {
  it('is good for 60 s, and not longer', async () => {
    const { clock, keys, resolve } = apiKeyWorld();
    const outcome = await resolve('k-1');
    clock.nowMs += 59_999;
    expect(outcome).toEqual({ kind: 'caller', caller: keys.known(KEY_KIND, 'k-1') });
    clock.nowMs += 1;
    expect(keys.known(KEY_KIND, 'k-1')).toBeNull();
  });
  it.each([
    [20, 20_000],
    [600, 60_000],
    ['soon', 60_000],
    [-1, 60_000],
  ])('whose answer expires in %j is good for %i ms', async (expires_in, goodMs) => {
    const { clock, keys, resolve } = apiKeyWorld(() => says({ user: { id: 'ada', roles: [] }, expires_in }));
    await resolve('k-1');
    clock.nowMs += goodMs - 1;
    expect(keys.known(KEY_KIND, 'k-1')).not.toBeNull();
    clock.nowMs += 1;
    expect(keys.known(KEY_KIND, 'k-1')).toBeNull();
  });
  it('is bad for 10 s, and not longer', async () => {
    const { clock, keys, resolve } = apiKeyWorld(() => REFUSED);
    await resolve('k-1');
    clock.nowMs += 9999;
    expect(keys.known(KEY_KIND, 'k-1')).toBe('bad');
    clock.nowMs += 1;
    expect(keys.known(KEY_KIND, 'k-1')).toBeNull();
  });
  it('is good once the provider says so, though it was bad', async () => {
    let answer = REFUSED;
    const { clock, keys, resolve } = apiKeyWorld(() => answer);
    await resolve('k-1');
    answer = ADA;
    clock.nowMs += 10_000;
    await resolve('k-1');
    expect(keys.known(KEY_KIND, 'k-1')).toMatchObject({ claims: { sub: 'ada' } });
  });
  it('is asked for anew when the clock jumps back: it must not hold for an hour', async () => {
    const { clock, keys, resolve } = apiKeyWorld();
    await resolve('k-1');
    clock.nowMs -= 3_600_000;
    expect(keys.known(KEY_KIND, 'k-1')).toBeNull();
    await resolve('k-1');
    expect(keys.known(KEY_KIND, 'k-1')).not.toBeNull();
  });
  it('says nothing of another key', async () => {
    const { keys, resolve } = apiKeyWorld();
    await resolve('k-1');
    expect([keys.known(KEY_KIND, 'k-11'), keys.known(KEY_KIND, 'k-')]).toEqual([null, null]);
  });
  it('is never kept as itself', async () => {
    const { keys, resolve } = apiKeyWorld();
    await resolve('very-secret-key');
    expect(JSON.stringify(keys)).toContain('ada');
    expect(JSON.stringify(keys)).not.toContain('very-secret-key');
  });
  it('takes up so much room at most', async () => {
    let number = 0;
    const { keys, resolve } = apiKeyWorld(() => (number++ % 2 === 0 ? ADA : REFUSED), { mostKeys: 80 });
    for (let index = 0; index < 1000; index++) await resolve(`k-${index}`);
    expect(keys.size).toBe(80);
    expect(keys.known(KEY_KIND, 'k-999')).not.toBeNull();
  });
});

describe('what is known of an API key', () => {
  it.each<[string, TokenKind]>([
    ['another channel of the provider', keyKindOf({ provider: { ...PROVIDER, channel: 'other' } })],
    ['another URL', keyKindOf({ provider: { channel: 'auth', urls: { resolveKey: '/v2/keys' } } })],
    ['other claims', keyKindOf({ claims: KEY_CLAIMS.slice(0, 2) })],
    ['another secret', keyKindOf({ signingSecret: 't'.repeat(64) })],
    ['another record', keyKindOf({}, 'staff')],
  ])('does not hold for %s', async (_what, changed) => {
    for (const answer of [ADA, REFUSED]) {
      const { calls, keys, resolve } = apiKeyWorld(() => answer);
      await resolve('k-1');
      expect(keys.known(changed, 'k-1')).toBeNull();
      await resolve('k-1', changed);
      expect(calls).toHaveLength(2);
      expect([keys.known(changed, 'k-1'), keys.known(KEY_KIND, 'k-1')]).not.toContain(null);
    }
  });
  it('goes with any change of its record', async () => {
    const { keys, resolve } = apiKeyWorld();
    await resolve('k-1');
    expect(keys.known(keyKindOf({ canIgnore: true }), 'k-1')).toBeNull();
  });
});
