import { describe, expect, it } from '@jest/globals';
import { ADMIN, ISSUER, LIMITS, OidcScript, requestOf, rulesOf } from '../../../../test/support/oidc-script.js';
import { GatewayError } from '../../../errors/gateway.error.js';
import type { ProviderOutcome } from '../provider/provider-client.js';

const TOKEN = `POST ${ISSUER}/token`;
const INTROSPECT = `POST ${ISSUER}/introspect`;
const USERS = `${ADMIN}/users`;
const MADE = { location: `${USERS}/u-1` };
const ADA = { username: 'ada', password: 'lovelace', email: 'ada@example.org' };
const ACCOUNT = { access_token: 'account-1', token_type: 'Bearer', expires_in: 300 };
const HELD = { active: true, sub: 'u-1', aud: 'gateway', preferred_username: 'ada' };
const ROLES = [
  { id: 'r-1', name: 'customer' },
  { id: 'r-2', name: 'admin' },
];
const told = (outcome: ProviderOutcome): unknown =>
  outcome.kind === 'failed' ? [outcome.error.error, outcome.error.cause] : outcome;
const register = (script: OidcScript, rules = rulesOf(), auth = ADA as Record<string, string>) =>
  script.client.call(rules, requestOf('register', auth), LIMITS);

describe('a registration at a Keycloak', () => {
  it('writes name, address and password, nothing else that came, and logs in', async () => {
    const script = new OidcScript()
      .then(TOKEN, 200, ACCOUNT)
      .then(`POST ${USERS}`, 201, undefined, MADE)
      .then(TOKEN, 200, { access_token: 'opaque', token_type: 'Bearer' });
    const auth = { ...ADA, realmRoles: 'admin', emailVerified: 'true', enabled: 'false', id: 'u-2' };
    await register(script, rulesOf(), auth);
    const [, made] = script.sent;
    expect(JSON.parse(made!.body)).toEqual({
      ...{ username: 'ada', email: 'ada@example.org', enabled: true },
      credentials: [{ type: 'password', value: 'lovelace', temporary: false }],
    });
    expect(made!.headers['authorization']).toBe('Bearer account-1');
    expect(script.left).toBe(0);
  });
  it('gives the roles of the record, and no user without them', async () => {
    const rules = rulesOf({ roles: 'customer, missing' });
    const script = new OidcScript()
      .then(TOKEN, 200, ACCOUNT)
      .then(`POST ${USERS}`, 201, undefined, MADE)
      .then(`GET ${USERS}/u-1/role-mappings/realm/available`, 200, ROLES)
      .then(`DELETE ${USERS}/u-1`, 204);
    expect(told(await register(script, rules))).toEqual(['BACKEND_FAILED', expect.stringContaining('role missing')]);
    expect(script.left).toBe(0);
  });
  it.each([
    [409, { errorMessage: 'User exists with same username' }, 'User exists with same username'],
    [400, { error: 'x', error_description: 'Invalid password: lovelace' }, 'Invalid password: ***'],
    [400, 'no object', 'the realm refuses this'],
  ])('that is refused with %i passes with its words, without the password', async (status, body, message) => {
    const script = new OidcScript().then(TOKEN, 200, ACCOUNT).then(`POST ${USERS}`, status, body);
    expect(await register(script)).toEqual({ kind: 'passed', status, code: status, message, safePayload: null });
  });
  it.each([[{ username: 'ada' }], [{ password: 'lovelace' }], [{}]])('with %j asks nobody', async (auth) => {
    expect(await register(new OidcScript(), rulesOf(), auth)).toMatchObject({ kind: 'passed', status: 400 });
  });
  it('that the service account may not do is a fault of ours, and no bad credentials', async () => {
    const script = new OidcScript().then(TOKEN, 200, ACCOUNT).then(`POST ${USERS}`, 403, {});
    expect(told(await register(script))).toEqual(['BACKEND_FAILED', expect.stringContaining('manage-users')]);
  });
  it('whose user cannot log in yet gives no token, and is done', async () => {
    const script = new OidcScript()
      .then(TOKEN, 200, ACCOUNT)
      .then(`POST ${USERS}`, 201, undefined, MADE)
      .then(TOKEN, 400, { error: 'invalid_grant', error_description: 'Account is not fully set up' });
    const outcome = await register(script);
    expect(outcome).toMatchObject({ kind: 'answered', answer: { tokens: null, payload: { skipToken: true } } });
  });
  it('of which the server does not say whom it made is unreadable', async () => {
    for (const location of ['', `${USERS}/../x?y`]) {
      const script = new OidcScript().then(TOKEN, 200, ACCOUNT).then(`POST ${USERS}`, 201, undefined, { location });
      expect(told(await register(script))).toEqual(['ANSWER_UNREADABLE', expect.any(String)]);
    }
  });
});

describe('the token of the service account', () => {
  const removed = (script: OidcScript, rules: ReturnType<typeof rulesOf>) =>
    script.client.call(rules, requestOf('delete', { access_token: 'opaque' }), LIMITS);

  it('is asked for once, and again shortly before it ends', async () => {
    const rules = rulesOf();
    const script = new OidcScript();
    const known = () => script.then(INTROSPECT, 200, HELD).then(`DELETE ${USERS}/u-1`, 204);
    script.then(INTROSPECT, 200, HELD).then(TOKEN, 200, ACCOUNT).then(`DELETE ${USERS}/u-1`, 204);
    expect((await removed(script, rules)).kind).toBe('answered');
    script.clock.now += 200_000;
    known();
    expect((await removed(script, rules)).kind).toBe('answered');
    script.clock.now += 100_000;
    script.then(INTROSPECT, 200, HELD).then(TOKEN, 200, ACCOUNT).then(`DELETE ${USERS}/u-1`, 204);
    expect((await removed(script, rules)).kind).toBe('answered');
    expect(script.left).toBe(0);
  });
  it('is another where the server takes it no longer', async () => {
    const rules = rulesOf();
    const script = new OidcScript();
    script.then(INTROSPECT, 200, HELD).then(TOKEN, 200, ACCOUNT).then(`DELETE ${USERS}/u-1`, 204);
    await removed(script, rules);
    script.clock.now += 2000;
    script
      .then(INTROSPECT, 200, HELD)
      .then(`DELETE ${USERS}/u-1`, 401)
      .then(TOKEN, 200, { ...ACCOUNT, access_token: 'account-2' })
      .then(`DELETE ${USERS}/u-1`, 204);
    expect((await removed(script, rules)).kind).toBe('answered');
    expect(script.sent.at(-1)!.headers['authorization']).toBe('Bearer account-2');
  });
  it('that cannot be had fails with the server’s own failure', async () => {
    const away = new GatewayError('BACKEND_TIMEOUT');
    const script = new OidcScript().then(INTROSPECT, 200, HELD).thenFail(TOKEN, away);
    expect(told(await removed(script, rulesOf()))).toEqual(['BACKEND_TIMEOUT', undefined]);
    const refused = new OidcScript().then(INTROSPECT, 200, HELD).then(TOKEN, 401, { error: 'unauthorized_client' });
    expect(told(await removed(refused, rulesOf()))).toEqual(['BACKEND_FAILED', expect.stringContaining('own client')]);
  });
});

describe('an account', () => {
  const call = (script: OidcScript, action: 'delete' | 'custom', auth: object, body?: object) =>
    script.client.call(
      rulesOf(),
      requestOf(action, { access_token: 'opaque', ...auth }, JSON.stringify(body ?? {})),
      LIMITS,
    );

  it('is deleted by its own token alone, whatever id a client names', async () => {
    const script = new OidcScript()
      .then(INTROSPECT, 200, HELD)
      .then(TOKEN, 200, ACCOUNT)
      .then(`DELETE ${USERS}/u-1`, 404);
    expect((await call(script, 'delete', { id: 'u-2', user: 'u-2' })).kind).toBe('answered');
  });
  it('is deleted by its refresh token where the access token has ended', async () => {
    const script = new OidcScript()
      .then(INTROSPECT, 200, { active: false })
      .then(TOKEN, 200, { access_token: 'newer', token_type: 'Bearer' })
      .then(INTROSPECT, 200, HELD)
      .then(TOKEN, 200, ACCOUNT)
      .then(`DELETE ${USERS}/u-1`, 204);
    expect((await call(script, 'delete', { refresh_token: 'refresh' })).kind).toBe('answered');
  });
  it('is not changed by a token for another client, nor by one that has ended', async () => {
    const strange = new OidcScript().then(INTROSPECT, 200, { ...HELD, aud: 'other' });
    expect((await call(strange, 'delete', {})).kind).toBe('refused');
    const ended = new OidcScript().then(INTROSPECT, 200, { active: false });
    expect((await call(ended, 'custom', { action: 'updatePassword', refresh_token: 'x' })).kind).toBe('refused');
  });
  it('gets a new password with the one in force, and the login that asks for it ends', async () => {
    const script = new OidcScript()
      .then(INTROSPECT, 200, HELD)
      .then(TOKEN, 200, { access_token: 'a', token_type: 'Bearer', refresh_token: 'asked' })
      .then(`POST ${ISSUER}/revoke`, 200)
      .then(TOKEN, 200, ACCOUNT)
      .then(`PUT ${USERS}/u-1/reset-password`, 204);
    const auth = { action: 'updatePassword', password: 'old', newPassword: 'new-one', username: 'bob' };
    expect((await call(script, 'custom', auth)).kind).toBe('answered');
    expect(new URLSearchParams(script.sent[1]!.body).get('username')).toBe('ada');
    expect(JSON.parse(script.sent.at(-1)!.body)).toEqual({ type: 'password', value: 'new-one', temporary: false });
  });
  it('gets none with a wrong one', async () => {
    const script = new OidcScript().then(INTROSPECT, 200, HELD).then(TOKEN, 400, { error: 'invalid_grant' });
    const auth = { action: 'updatePassword', password: 'bad', newPassword: 'new-one' };
    expect(await call(script, 'custom', auth)).toMatchObject({
      kind: 'passed',
      status: 400,
      message: 'the password is wrong',
    });
  });
  it.each([[{}], [{ password: 'old' }], [{ newPassword: 'new' }]])('gets none with %j', async (auth) => {
    const script = new OidcScript().then(INTROSPECT, 200, HELD);
    expect(await call(script, 'custom', { action: 'updatePassword', ...auth })).toMatchObject({ status: 400 });
  });
  it.each([
    [undefined],
    ['VERIFY_EMAIL'],
    [[]],
    [[7]],
    [['a b']],
    [['../x']],
    [Array(11).fill('VERIFY_EMAIL')],
    [['x'.repeat(65)]],
  ])('is sent no mail about %j', async (actions) => {
    const script = new OidcScript().then(INTROSPECT, 200, HELD);
    const outcome = await call(script, 'custom', { action: 'executeActionsEmail' }, { actions });
    expect(outcome).toMatchObject({ kind: 'passed', status: 400 });
  });
  it('is sent a mail about what it is to do', async () => {
    const script = new OidcScript()
      .then(INTROSPECT, 200, HELD)
      .then(TOKEN, 200, ACCOUNT)
      .then(`PUT ${USERS}/u-1/execute-actions-email?client_id=gateway`, 204);
    const outcome = await call(script, 'custom', { action: 'executeActionsEmail' }, { actions: ['VERIFY_EMAIL'] });
    expect([outcome.kind, script.sent.at(-1)!.body]).toEqual(['answered', '["VERIFY_EMAIL"]']);
  });
});
