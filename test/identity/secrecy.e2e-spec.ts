import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, type CallAnswer } from '../support/call.js';
import * as kit from '../support/identity-records.js';
import { SecrecyWorld } from './secrecy-world.js';

// The first login opens the embedded database.
jest.setTimeout(30_000);

const world = new SecrecyWorld();
beforeAll(() => world.start(), 60_000);
afterAll(() => world.close(), 60_000);

const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' } };
const cookiesOf = ({ headers }: Pick<CallAnswer, 'headers'>): string =>
  (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ');

describe('at log.level=trace, with logDetailAsInfo on each path, nothing secret is told', () => {
  it('of logins in every form', async () => {
    const { gateway_token } = await world.loginOfAda();
    const inBody = {
      username: 'ada',
      password: world.password,
      passphrase: world.secret('passphrase'),
      nested: { pin: world.secret('pin') },
    };
    expect((await world.flow('login/shop', inBody)).status).toBe(200);
    const headers = { 'Rierino-Auth.username': 'ada', 'Sluice-Auth.password': world.password };
    expect((await world.flow('login/shop?thru=true&remember=true', {}, headers)).status).toBe(200);
    expect((await world.flow('login/plain', {}, world.basic('ada', world.password))).status).toBe(200);
    expect((await kit.ask(world.gateway.port, gateway_token, 'shop/admin')).status).toBe(200);
    const output = await world.output();
    // It is looked at what would tell it.
    expect(output).toMatch(/"path":"\/api\/auth\/login\/shop".*"detail":\{"request":\{/);
    expect(output).toMatch(/"path":"\/api\/request\/shop\/admin".*"detail":/);
    await world.expectNothingTold();
  });
  it('of logins that fail', async () => {
    expect((await world.flow('login/shop', {}, world.basic('ada', world.secret('wrong-password')))).status).toBe(401);
    expect((await world.flow('login/shop', { username: world.secret('password-as-name'), password: 'x' })).status).toBe(
      401,
    );
    expect((await world.flow('login/shop', [world.secret('no-object')])).status).toBe(401);
    const text = `{"username":"ada","password":"${world.secret('cut-off')}`;
    expect(
      world.taken(await call(world.gateway.port, '/api/auth/login/shop', { ...JSON_POST, body: text })).status,
    ).toBe(400);
    expect((await world.flow('login/shop', {}, { authorization: `Basic ${world.secret('no-base64')}=` })).status).toBe(
      401,
    );
    expect((await world.flow(`login/shop?password=${world.secret('in-the-query')}`, {})).status).toBe(401);
    await world.expectNothingTold();
  });
  it('of logins in steps', async () => {
    const first = await world.flow('login/shop', {}, world.basic('grace', world.gracesPassword));
    const { transactionId } = first.json<{ transactionId: string }>();
    expect(
      (await world.flow('login/shop', { stage: 'otp', transactionId, otp: world.secret('wrong-code') })).status,
    ).toBe(401);
    expect((await world.flow('login/shop', { stage: 'otp', transactionId, otp: world.otp })).status).toBe(200);
    await world.expectNothingTold();
  });
  it('of registering and deleting', async () => {
    const [username, password] = [`eve${randomBytes(4).toString('hex')}`, world.secret('eves-password')];
    const registered = await world.flow('register/shop?thru=true', { username, password });
    expect(registered.status).toBe(200);
    expect((await world.flow('register/shop?thru=true', { username, password })).status).toBe(409);
    expect(
      (await world.flow('register/shop?thru=true', { username: 'mallory', password: world.secret('a') && 'short' }))
        .status,
    ).toBe(400);
    const { gateway_token } = registered.json<kit.LoggedIn>();
    expect((await world.flow('delete/shop?thru=true', {}, kit.bearer(gateway_token))).status).toBe(200);
    expect((await world.ask('shop/any', kit.bearer(gateway_token))).status).toBe(401);
    await world.expectNothingTold();
  });
  it('of refreshing and logging out, with tokens that count no more too', async () => {
    const first = await world.loginOfAda();
    const second = (await world.flow('refresh/shop', { refresh_token: first.refresh_token })).json<kit.LoggedIn>();
    expect((await world.flow('refresh/shop', {}, kit.bearer(second.gateway_token))).status).toBe(200);
    expect((await world.flow('refresh/shop', { refresh_token: world.secret('unknown-refresh-token') })).status).toBe(
      401,
    );
    expect((await world.flow('refresh/shop', { refresh_token: `sluice-${world.secret('unknown-own')}` })).status).toBe(
      401,
    );
    expect((await world.flow('logout/shop?thru=true', {}, kit.bearer(second.gateway_token))).status).toBe(200);
    expect((await world.flow('refresh/shop', { refresh_token: second.refresh_token })).status).toBe(401);
    expect((await world.ask('shop/any', kit.bearer(second.gateway_token))).status).toBe(401);
    await world.expectNothingTold();
  });
  it('of cookies and their CSRF tokens', async () => {
    const login = await world.flow('login/shop?cookie=true', {}, world.basic('ada', world.password));
    const cookie = cookiesOf(login);
    const csrf = String(login.headers['x-csrf-token']);
    const body = JSON.stringify({ a: 1 });
    expect((await world.ask('shop/any', { cookie, 'x-xsrf-token': csrf }, body)).status).toBe(200);
    expect((await world.ask('shop/any', { cookie, 'x-csrf-token': world.secret('wrong-csrf') }, body)).status).toBe(
      403,
    );
    expect((await world.flow('refresh/shop?cookie=true', {}, { cookie })).status).toBe(200);
    expect((await world.flow('logout/shop?cookie=true', {}, { cookie })).status).toBe(403);
    expect((await world.flow('logout/shop?cookie=true', {}, { cookie, 'x-xsrf-token': csrf })).status).toBe(200);
    await world.expectNothingTold();
  });
  it('of API keys, good and bad', async () => {
    expect((await world.ask('shop/any', { 'x-api-key': world.apiKey })).status).toBe(200);
    expect((await world.ask('shop/any', { authorization: `X-Api-Key ${world.apiKey}` })).status).toBe(200);
    expect((await world.ask('shop/any', { 'x-api-key': world.secret('bad-key') })).status).toBe(401);
    world.identity.setFault('resolveKey', { answer: 'error' });
    expect((await world.ask('shop/any', { 'x-api-key': world.secret('unlucky-key') })).status).toBe(502);
    world.identity.setFault('resolveKey', null);
    await world.expectNothingTold();
  });
  it('of guests, of silent refreshes within the grace, of verified access tokens', async () => {
    const guest = await world.ask('shop/open', {});
    expect(guest.headers['rierino-auth.guest_token']).toMatch(/^ey/);
    const { gateway_token, refresh_token } = await world.loginOfAda();
    expect((await world.ask('shop/verified', kit.bearer(gateway_token))).status).toBe(200);
    const expired = await world.made('-1h');
    const renewed = await world.ask('shop/any', {
      ...kit.bearer(expired),
      'rierino-auth.refresh_token': refresh_token,
    });
    expect([renewed.status, renewed.headers['rierino-auth.gateway_token']]).toEqual([
      200,
      expect.stringMatching(/^ey/),
    ]);
    world.identity.setFault('validate', { answer: 'garbage' });
    world.identity.setFault('resolve', { answer: 'garbage' });
    expect((await world.ask('shop/verified', kit.bearer(gateway_token))).status).toBe(503);
    for (const action of ['validate', 'resolve']) world.identity.setFault(action, null);
    await world.expectNothingTold();
  });
  it('of full calls, and of what bodies and answers name as secret', async () => {
    const { gateway_token } = await world.loginOfAda();
    const auth = { gateway_token, password: world.secret('in-a-full-call') };
    const full = JSON.stringify({
      auth,
      payload: { password: world.secret('in-a-payload'), list: [{ apiKey: world.secret('deep') }] },
    });
    expect((await world.ask('full/shop/any', {}, full)).status).toBe(200);
    const encoded = Buffer.from(full).toString('base64');
    expect((await world.ask(`full/e/shop/any?data=${encodeURIComponent(encoded)}`, {})).status).toBe(200);
    expect(
      (await world.ask(`shop/any?gateway_token=${world.secret('query-token')}&a=b`, kit.bearer(gateway_token))).status,
    ).toBe(200);
    await world.expectNothingTold();
  });
  it('of tokens that are malformed, forged, foreign or expired', async () => {
    const { gateway_token } = await world.loginOfAda();
    const [head, claims, signature] = gateway_token.split('.');
    const bad = [
      ...[`${head}.${claims}.`, `${head}.${claims}`, gateway_token.slice(0, -3), `${gateway_token}.x.y`],
      ...[`${head}.${Buffer.from('{"sub":"root"}').toString('base64url')}.${signature}`, world.secret('no-token')],
      ...[
        await world.made('1h', randomBytes(64)),
        await world.made('-400d'),
        'x'.repeat(9000),
        `${head}.%%%.${signature}`,
      ],
    ];
    for (const token of bad) {
      world.secrets.keep('bad token', token);
      expect((await world.ask('shop/any', kit.bearer(token))).status).toBe(401);
      expect((await world.ask('shop/any', { cookie: `Rierino-Auth.gateway_token=${token}` })).status).toBe(401);
      expect((await world.flow('logout/shop', {}, kit.bearer(token))).status).toBe(401);
      expect((await world.flow('refresh/shop', { gateway_token: token })).status).toBe(401);
    }
    await world.expectNothingTold();
  });
});

describe('the data folder', () => {
  it('keeps logins without a word of what they were made with', async () => {
    const { gateway_token, refresh_token } = await world.loginOfAda();
    const second = (await world.flow('refresh/shop', { refresh_token })).json<kit.LoggedIn>();
    await world.flow('logout/shop', {}, kit.bearer(second.gateway_token));
    await world.ask('shop/any', { 'x-api-key': world.apiKey });
    const kept = readdirSync(world.dataFolder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'));
    const used = [
      world.password,
      world.apiKey,
      gateway_token,
      refresh_token,
      second.gateway_token,
      second.refresh_token,
    ];
    for (const each of [...used, world.signingSecret]) expect(kept.some((text) => text.includes(each))).toBe(false);
    // Of what is no secret something stands there: it was written.
    expect(kept.some((text) => text.includes('token_families'))).toBe(true);
  });
});
