import { describe, expect, it } from '@jest/globals';
import { sendJson } from '../support/backend.js';
import { bearer, worldOfTests, providerOver, said, SECRET, WAYS, authOf } from '../support/identity-world.js';

const KEYS = { clerk: 'key-of-clerk', admin: 'key-of-admin' };
const aUser = (username: string, apiKeys: string[]) => ({
  username,
  password: 'long enough',
  roles: [username],
  apiKeys,
});
const fresh = Array.from({ length: 40 }, (_, index) => `fresh-${index}`);
const world = worldOfTests({
  identity: { users: [aUser('clerk', [KEYS.clerk, ...fresh]), aUser('admin', [KEYS.admin])] },
  variants: {
    main: { token: (way) => ({ provider: providerOver(`auth_${way}`, { timeout: 300 }) }) },
    named: { token: () => ({ apiKeyName: 'API-key' }) },
    lenient: { token: () => ({ canIgnore: true }) },
    scriptless: { token: (way) => ({ provider: providerOver(`auth_${way}`, {}, { resolveKey: null }) }) },
    told: { token: (way) => ({ provider: providerOver(`scripted_${way}`) }) },
    keyless: { token: () => ({ apiKeyName: null }) },
  },
});
/** One that no test before has used: what is known of a key is known for a minute. */
const freshKey = (): string => fresh.pop()!;

describe.each(WAYS)('an API key over %s', (way) => {
  it.each([
    ['its own header', (key: string) => ({ 'X-Api-Key': key })],
    ['Authorization', (key: string) => ({ authorization: `x-api-key ${key}` })],
    ['Rierino-Auth', (key: string) => ({ 'Rierino-Auth.X-Api-Key': key })],
    ['Sluice-Auth', (key: string) => ({ 'sluice-auth.x-api-key': key })],
    ['a cookie', (key: string) => ({ cookie: `Rierino-Auth.x-api-key=${key}` })],
  ])('serves calls by %s, with the roles of its user', async (_, headers) => {
    const key = freshKey();
    expect((await world.get(`main_${way}/clerks`, headers(key))).status).toBe(200);
    expect(world.backend.lastEvent()).toMatchObject({
      requestMeta: { origin: { type: 'user', id: 'clerk' } },
      payload: { user: { id: 'clerk', roles: ['clerk'] } },
    });
    expect(said(await world.get(`main_${way}/admins`, headers(key)))).toEqual([403, 'no role for this path']);
  });
  it('goes by the name that the record gives it', async () => {
    const at = `named_${way}/clerks`;
    expect((await world.get(at, { authorization: `API-key ${KEYS.clerk}` })).status).toBe(200);
    expect((await world.get(at, { 'api-key': KEYS.clerk })).status).toBe(200);
    expect(said(await world.get(at, { 'x-api-key': KEYS.clerk }))).toEqual([401, 'missing token']);
  });
  it('reaches the provider as api_key, and the runner not at all', async () => {
    const key = freshKey();
    await world.get(`main_${way}/clerks`, { 'X-Api-Key': key });
    expect(world.asked('resolveKey').map(authOf)).toEqual([{ api_key: key }]);
    expect(JSON.stringify(world.backend.seen)).not.toContain(key);
  });
  it('is asked about once, by calls one after the other and at once', async () => {
    const key = freshKey();
    const get = () => world.get(`main_${way}/clerks`, { 'X-Api-Key': key });
    world.server.setFault('resolveKey', { latencyMs: 50 });
    const answers = await Promise.all([get(), get(), get()]);
    answers.push(await get());
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(world.asked('resolveKey')).toHaveLength(1);
  });
  it('that is none is `invalid token`, on a public path too, and asked about once', async () => {
    const headers = { 'X-Api-Key': `none-${way}` };
    for (const path of ['clerks', 'open', 'clerks'])
      expect(said(await world.get(`main_${way}/${path}`, headers))).toEqual([401, 'invalid token']);
    expect(world.asked('resolveKey')).toHaveLength(1);
    expect(world.backend.seen).toEqual([]);
  });
  it('that is none does not matter with canIgnore, where the path is public', async () => {
    const headers = { 'X-Api-Key': `none-${way}` };
    expect((await world.get(`lenient_${way}/open`, headers)).status).toBe(200);
    expect(said(await world.get(`lenient_${way}/clerks`, headers))).toEqual([401, 'missing token']);
  });
  it('comes after a token in the same place', async () => {
    const headers = { 'X-Api-Key': KEYS.admin, 'Rierino-Auth.user_token': 'abc' };
    expect(said(await world.get(`main_${way}/admins`, headers))).toEqual([401, 'invalid token']);
  });
  it('is no token: it does not count where the record has no name for it', async () => {
    const at = `keyless_${way}/clerks`;
    expect(said(await world.get(at, { 'X-Api-Key': KEYS.clerk }))).toEqual([401, 'missing token']);
    expect(said(await world.get(at, bearer(KEYS.clerk)))).toEqual([401, 'invalid token']);
  });
  it('lets nobody in where the provider has no URL for it', async () => {
    const answer = await world.get(`scriptless_${way}/clerks`, { 'X-Api-Key': KEYS.clerk });
    expect(said(answer)).toEqual([401, 'invalid token']);
  });
  it.each([
    ['nobody', { payload: {} }],
    ['a user who is nobody', { payload: { user: { id: null, roles: null } } }],
  ])('lets nobody in where the provider answers with %s', async (what, answer) => {
    world.scripted.handler = (_, response) => sendJson(response, JSON.stringify(answer));
    expect(said(await world.get(`told_${way}/clerks`, { 'X-Api-Key': what }))).toEqual([401, 'invalid token']);
  });
});

describe.each(WAYS)('a provider that fails an API key over %s', (way) => {
  it.each([
    ['hang', 504],
    ['garbage', 502],
    ['html', 502],
    ['error', 502],
    ['reset', 502],
  ] as const)('(%s) is %i, and asked again by the next call', async (answer, status) => {
    const key = freshKey();
    world.server.setFault('resolveKey', { answer });
    const failed = await world.get(`main_${way}/clerks`, { 'X-Api-Key': key });
    expect(failed.status).toBe(status);
    expect(failed.text).not.toMatch(/identity server|<html>|token"/i);
    world.server.setFault('resolveKey', null);
    expect((await world.get(`main_${way}/clerks`, { 'X-Api-Key': key })).status).toBe(200);
  });
  it('with a status that says so keeps it', async () => {
    world.scripted.handler = (_, response) => sendJson(response, '{}', 503);
    expect((await world.get(`told_${way}/clerks`, { 'X-Api-Key': 'k503' })).status).toBe(503);
  });
  it('leaves what is known of other keys alone, and no key or secret in the log', async () => {
    expect((await world.get(`main_${way}/clerks`, { 'X-Api-Key': KEYS.clerk })).status).toBe(200);
    world.server.setFault('resolveKey', { answer: 'error' });
    expect((await world.get(`main_${way}/clerks`, { 'X-Api-Key': KEYS.clerk })).status).toBe(200);
    const count = world.gateway.requestLines().length;
    await world.get(`main_${way}/open`);
    await world.gateway.until(() => world.gateway.requestLines().length > count);
    for (const secret of [KEYS.clerk, 'fresh-', SECRET.toString('base64')])
      expect(world.gateway.output).not.toContain(secret);
  });
});
