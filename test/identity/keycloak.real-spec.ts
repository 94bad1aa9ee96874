import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { bearer, claimsOf, said, tokensOf } from '../support/flow-answers.js';
import { KeycloakWorld } from './keycloak-world.js';
import { CLIENT } from './keycloak.js';
import { MailServer } from './mail-server.js';

jest.setTimeout(300_000);

let world: KeycloakWorld;
beforeAll(async () => {
  world = await KeycloakWorld.start({ provider: { roles: 'customer, clerk' } });
});
afterAll(() => world.close());

const ALICE = { grant_type: 'password', username: 'alice', password: 'wonder' };
const loggedIn = async (username = 'alice', password = 'wonder') => {
  const answer = await world.login(username, password);
  expect(answer.status).toBe(200);
  return tokensOf(answer);
};
const register = (body: object) => world.flow('register/shop?thru=true', body);

describe('a login at Keycloak', () => {
  it('names the user, its roles and what its access token says', async () => {
    const answer = await world.login('alice', 'wonder');
    expect(answer.status).toBe(200);
    const { user, ...rest } = answer.json<{ user: Record<string, unknown> }>();
    expect(user).toMatchObject({ preferred_username: 'alice', email: 'alice@example.org' });
    expect(user['roles']).toEqual(expect.arrayContaining(['admin', 'clerk']));
    expect(Object.keys(rest).sort()).toEqual(['expires_in', 'refresh_token', 'user_token']);
    const { token } = tokensOf(answer);
    expect((await world.get('clerks', token)).status).toBe(200);
    const { requestMeta, payload } = world.lastEvent();
    expect(requestMeta).toMatchObject({
      origin: { id: user['id'], type: 'user' },
      claims: { email: 'alice@example.org' },
    });
    expect(payload).toMatchObject({ user: { id: user['id'] } });
  });
  it('is refused alike with a bad password and for a user that does not exist', async () => {
    const answers = [await world.login('alice', 'bad'), await world.login('nobody', 'bad')];
    expect(answers.map(said)).toEqual(answers.map(() => [401, 'wrong credentials']));
  });
  it('of a machine goes by client credentials', async () => {
    const answer = await world.flow('login/shop', { client_id: 'robot', client_secret: 'robot-secret' });
    expect(answer.status).toBe(200);
    const { token } = tokensOf(answer);
    expect((await world.get('clerks', token)).status).toBe(200);
    expect((await world.get('verified', token)).status).toBe(200);
    const bad = await world.flow('login/shop', { client_id: 'robot', client_secret: 'bad' });
    expect(said(bad)).toEqual([401, 'wrong credentials']);
  });
  it('takes an access token that was issued for this gateway', async () => {
    const { access_token } = await world.keycloak.tokens(CLIENT.clientId, CLIENT.clientSecret, ALICE);
    const answer = await world.flow('login/shop', { access_token });
    expect(answer.status).toBe(200);
    expect((await world.get('clerks', tokensOf(answer).token)).status).toBe(200);
  });
  it('takes one of another client only where it is meant for this gateway', async () => {
    const forUs = await world.keycloak.tokens('robot', 'robot-secret', ALICE);
    expect((await world.flow('login/shop', { access_token: forUs['access_token'] })).status).toBe(200);
    const notForUs = await world.keycloak.tokens('stranger', 'stranger-secret', ALICE);
    expect(claimsOf(notForUs['access_token'] as string)['azp']).toBe('stranger');
    const refused = await world.flow('login/shop', { access_token: notForUs['access_token'] });
    expect(said(refused)).toEqual([401, 'wrong credentials']);
  });
  it.each(['id_token', 'refresh_token'])('takes no %s for an access token', async (name) => {
    const tokens = await world.keycloak.tokens(CLIENT.clientId, CLIENT.clientSecret, ALICE);
    const answer = await world.flow('login/shop', { access_token: tokens[name] });
    expect(said(answer)).toEqual([401, 'wrong credentials']);
  });
});

describe('a refresh at Keycloak', () => {
  it('gives new tokens, and those work', async () => {
    const first = await loggedIn();
    const answer = await world.flow('refresh/shop', { refresh_token: first.refreshToken });
    expect(answer.status).toBe(200);
    const second = tokensOf(answer);
    expect(second.token).not.toBe(first.token);
    expect((await world.get('verified', second.token)).status).toBe(200);
  });
  it('takes over who logged in at Keycloak itself', async () => {
    const { refresh_token } = await world.keycloak.tokens(CLIENT.clientId, CLIENT.clientSecret, ALICE);
    expect((await world.flow('refresh/shop', { refresh_token })).status).toBe(200);
    const strange = await world.keycloak.tokens('stranger', 'stranger-secret', ALICE);
    const refused = await world.flow('refresh/shop', { refresh_token: strange['refresh_token'] });
    expect(said(refused)).toEqual([401, 'invalid token']);
  });
});

describe('verifyAccessToken at Keycloak', () => {
  it('asks each time: a session that is ended there is refused at once', async () => {
    const { token } = await loggedIn();
    expect((await world.get('verified', token)).status).toBe(200);
    const { id } = (await world.keycloak.userNamed('alice'))!;
    await world.keycloak.admin('POST', `users/${String(id)}/logout`);
    expect(said(await world.get('verified', token))).toEqual([401, 'invalid token']);
    expect((await world.get('any', token)).status).toBe(200);
  });
});

describe('a logout', () => {
  it('with thru ends the session at Keycloak, and says where a browser ends its own', async () => {
    const { token, refreshToken } = await loggedIn();
    const { id } = (await world.keycloak.userNamed('alice'))!;
    await world.keycloak.admin('POST', `users/${String(id)}/logout`);
    const again = await loggedIn();
    expect(await world.keycloak.sessionsOf('alice')).toBe(1);
    const answer = await world.flow('logout/shop?thru=true', {}, bearer(again.token));
    expect(answer.status).toBe(200);
    expect(await world.keycloak.sessionsOf('alice')).toBe(0);
    expect(said(await world.get('any', again.token))).toEqual([401, 'invalid token']);
    expect((await world.flow('refresh/shop', { refresh_token: again.refreshToken })).status).toBe(401);
    const { logout_url } = answer.json<{ logout_url: string }>();
    expect(logout_url.startsWith(`${world.keycloak.issuer}/protocol/openid-connect/logout?id_token_hint=`)).toBe(true);
    expect((await fetch(logout_url)).status).toBe(200);
    expect((await world.get('any', token)).status).toBe(200);
    expect((await world.flow('refresh/shop', { refresh_token: refreshToken })).status).toBe(401);
  });
});

describe('users of the realm', () => {
  it('register with the roles of the record, are logged in, and delete themselves', async () => {
    const answer = await register({
      ...{ username: 'bob', password: 'builder', email: 'bob@example.org', firstName: 'Bob', lastName: 'B' },
      // Nothing else of what a client says is written.
      ...{ emailVerified: true, realmRoles: ['admin'], groups: ['/admins'], enabled: false },
    });
    expect(answer.status).toBe(200);
    const { token } = tokensOf(answer);
    expect((await world.get('clerks', token)).status).toBe(200);
    const user = (await world.keycloak.userNamed('bob'))!;
    expect(user).toMatchObject({ email: 'bob@example.org', emailVerified: false, enabled: true });
    const roles = (await (
      await world.keycloak.admin('GET', `users/${String(user['id'])}/role-mappings/realm`)
    ).json()) as {
      name: string;
    }[];
    expect(roles.map(({ name }) => name).sort()).toEqual(['clerk', 'customer', 'default-roles-demo']);
    expect(said(await register({ username: 'bob', password: 'builder' }))).toEqual([
      ...[409, 'User exists with same username'],
    ]);
    expect((await world.flow('delete/shop?thru=true', {}, bearer(token))).status).toBe(200);
    expect(await world.keycloak.userNamed('bob')).toBeUndefined();
    expect((await world.get('any', token)).status).toBe(401);
    expect((await world.login('bob', 'builder')).status).toBe(401);
  });
  it('that Keycloak lets in only after more are made, and get no token yet', async () => {
    const answer = await register({ username: 'carla', password: 'builder' });
    expect(answer.json()).toEqual({ user: { username: 'carla' } });
    const user = (await world.keycloak.userNamed('carla'))!;
    await world.keycloak.admin('DELETE', `users/${String(user['id'])}`);
  });
  it('are refused a password that the realm does not want, with its words', async () => {
    expect(said(await register({ username: 'dora', password: 'tiny' }))).toEqual([
      ...[400, expect.stringContaining('minimum length 5')],
    ]);
    expect(await world.keycloak.userNamed('dora')).toBeUndefined();
    expect(said(await register({ username: 'dora' }))).toEqual([400, expect.stringContaining('password')]);
  });
  it('change their password with the one in force', async () => {
    const person = { email: 'eve@example.org', firstName: 'Eve', lastName: 'E' };
    const registered = await register({ username: 'eve', password: 'builder', ...person });
    const { token } = tokensOf(registered);
    const change = (password: string, newPassword: string) =>
      world.flow('custom/shop', { action: 'updatePassword', password, newPassword }, bearer(token));
    expect(said(await change('wrong', 'rebuilder'))).toEqual([400, 'the password is wrong']);
    expect(said(await change('builder', 'tiny'))).toEqual([400, expect.stringContaining('minimum length 5')]);
    expect((await change('builder', 'rebuilder')).status).toBe(200);
    expect((await world.login('eve', 'builder')).status).toBe(401);
    expect((await world.login('eve', 'rebuilder')).status).toBe(200);
    // This Keycloak has nobody who carries its mail.
    const mail = (actions: unknown) =>
      world.flow('custom/shop', { action: 'executeActionsEmail', actions }, bearer(token));
    expect((await mail(['VERIFY_EMAIL'])).status).toBe(502);
    await world.gateway.until(() => world.gateway.output.includes('the server answered with status 500'));
    expect((await mail(['NO_SUCH_ACTION'])).status).toBe(400);
    expect((await mail([])).status).toBe(400);
    expect((await world.flow('custom/shop', { action: 'rm' }, bearer(token))).status).toBe(400);
    expect(said(await world.flow('custom/shop', { action: 'updatePassword' }))).toEqual([401, 'missing token']);
    expect((await world.flow('delete/shop?thru=true', {}, bearer(token))).status).toBe(200);
  });
});

describe('a realm with a mail server', () => {
  it('sends a user the mail by which it does what is asked of it', async () => {
    const mail = await MailServer.start();
    await world.keycloak.admin('PUT', '', {
      smtpServer: { host: '127.0.0.1', port: String(mail.port), from: 'shop@example.org' },
    });
    try {
      const person = { email: 'frank@example.org', firstName: 'Frank', lastName: 'F' };
      const { token } = tokensOf(await register({ username: 'frank', password: 'builder', ...person }));
      const asked = { action: 'executeActionsEmail', actions: ['VERIFY_EMAIL'] };
      expect((await world.flow('custom/shop', asked, bearer(token))).status).toBe(200);
      const [sent, ...others] = mail.mails;
      expect([sent!.to, others]).toEqual(['frank@example.org', []]);
      // Quoted-printable: lines go on behind an equals sign, and one of the text is =3D.
      const text = sent!.text.replaceAll('=\n', '').replaceAll('=3D', '=');
      const link = /https?:\/\/\S+action-token\?key=[\w.-]+\S*/.exec(text)![0];
      expect(link.startsWith(world.keycloak.issuer)).toBe(true);
      expect((await fetch(link)).status).toBe(200);
      expect((await world.flow('delete/shop?thru=true', {}, bearer(token))).status).toBe(200);
    } finally {
      await world.keycloak.admin('PUT', '', { smtpServer: {} });
      await mail.close();
    }
  });
});

describe('what the log has of all this', () => {
  it('is no password, secret or token', async () => {
    const { token, refreshToken } = await loggedIn();
    await world.login('alice', 'a-very-bad-password');
    await world.flow('logout/shop?thru=true', {}, bearer(token));
    await world.gateway.until(() => world.gateway.requestLines().length > 40);
    for (const secret of [token, refreshToken, 'wonder', 'builder', 'gateway-secret', 'robot-secret', 'a-very-bad'])
      expect(world.gateway.output).not.toContain(secret);
    expect(world.gateway.output).not.toMatch(/eyJ[\w-]{10}/);
  });
});
