import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { DatabasePlace } from '../storage/database-place.js';
import type { LoggedIn } from '../../src/contracts/identities.js';
import { totpCode } from '../../src/identity/otp/totp.js';
import { bytesOfBase32 } from './base32.js';
import { IdentityReplicas, type Answer, type IdentityReplica } from './identity-replicas.js';

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
const WRONG = { code: 10125, http: 401, message: 'wrong credentials', payload: {} };
const INVALID = { code: 10125, http: 401, message: 'invalid token' };
const error = ({ code, http, message }: Answer) => ({ code, http, message });

/** What each action of the built-in identity server does, whatever database it has. */
export function builtInSuite(aPlace: () => Promise<DatabasePlace>): void {
  let place: DatabasePlace;
  let replicas: IdentityReplicas;
  let here: IdentityReplica;
  let there: IdentityReplica;
  let source: DataSource;
  beforeAll(async () => {
    place = await aPlace();
    replicas = new IdentityReplicas(place);
    const parameters = { 'registration.enabled': 'true', 'auth.issuer': 'shop' };
    [here, there] = [replicas.add(parameters), replicas.add(parameters)];
    source = await replicas.source();
  });
  afterAll(async () => {
    await replicas.close();
    await place.remove();
  });
  afterEach(async () => {
    await source.query('DELETE FROM identity_users');
    await source.query('DELETE FROM identity_attempts');
    here.delays.length = 0;
    [here.now, there.now] = [null, null];
    here.meanwhile = null;
  });
  const tokenOf = async (username: string, password = 'correct horse') => {
    const { payload } = await here.login(username, password);
    return payload.token!;
  };

  describe('login', () => {
    it('answers tokens, their lives and the user', async () => {
      const id = await here.add('Ada', { roles: ['clerk', 'admin'] });
      const { code, payload } = await here.login('ada', 'correct horse');
      expect([code, payload]).toEqual([
        null,
        {
          token: {
            ...{ access_token: expect.any(String), refresh_token: expect.stringMatching(/^[\da-f-]{36}\.[\w-]{43}$/) },
            ...{ token_type: 'Bearer', expires_in: 600, refresh_expires_in: 6000 },
          },
          user: { id, username: 'Ada', roles: ['clerk', 'admin'], profile: {} },
        },
      ]);
      const claims = claimsOf(payload.token!.access_token);
      expect(claims).toMatchObject({ iss: 'shop', sub: id, type: 'user', roles: ['clerk', 'admin'] });
      expect((claims['exp'] as number) - (claims['iat'] as number)).toBe(600);
    });
    it('compares names by NFKC and case-folded', async () => {
      await here.add('Straße');
      for (const name of ['STRASSE', 'strasse', 'ＳＴＲＡＳＳＥ'])
        expect((await here.login(name, 'correct horse')).code).toBeNull();
    });
    it.each([
      ['a wrong password', 'ada', 'wrong horse'],
      ['an unknown user', 'eve', 'correct horse'],
      ['a name that nobody can have', 'a\u0000da', 'correct horse'],
      ['half of a character', '\ud800', 'correct horse'],
      ['a huge password', 'ada', `correct horse${'x'.repeat(10_000)}`],
      ['a password whose first characters are right', 'ada', 'correct horse!'],
      ['SQL in the name', `ada' OR '1'='1`, 'correct horse'],
    ])('refuses %s with one and the same answer', async (_title, username, password) => {
      await here.add('ada');
      expect(await here.login(username, password)).toMatchObject(WRONG);
    });
    it('refuses a user who is disabled, and one of another type', async () => {
      const id = await here.add('ada');
      expect(
        await here.ask('login', { auth: { username: 'ada', password: 'correct horse' }, type: 'clerk' }),
      ).toMatchObject(WRONG);
      await here.ask('user/setAccess', { parameters: { id, disabled: true } });
      expect(await here.login('ada', 'correct horse')).toMatchObject(WRONG);
      await here.ask('user/setAccess', { parameters: { id, disabled: 'false' } });
      expect((await here.login('ada', 'correct horse')).code).toBeNull();
    });
    it.each([
      ['disabled', 'UPDATE identity_users SET disabled = true WHERE id = $1'],
      ['deleted', 'DELETE FROM identity_users WHERE id = $1'],
    ])('refuses a user who is %s while the password is hashed', async (_what, statement) => {
      const id = await here.add('ada');
      here.meanwhile = () => source.query(statement, [id]);
      expect(await here.login('ada', 'correct horse')).toMatchObject(WRONG);
    });
    it('takes four statements', async () => {
      await here.add('ada');
      const before = here.statements;
      await here.login('ada', 'correct horse');
      expect(here.statements - before).toBe(4);
    });
    it('says what is missing, and what is no text', async () => {
      expect(error(await here.ask('login', { auth: { username: 'ada' } }))).toEqual({
        ...{ code: 10123, http: 401, message: 'missing password' },
      });
      expect(await here.ask('login', { auth: { username: ['ada'], password: {} } })).toMatchObject(WRONG);
      expect(await here.ask('login', { auth: { transactionId: {}, otp: '1' } })).toMatchObject(WRONG);
      expect((await here.ask('login')).code).toBe(10123);
    });
    it('takes the credentials from the body where none came as such, and numbers as text', async () => {
      await here.add('12345', { password: '1234567890' });
      expect((await here.ask('login', { parameters: { username: 12345, password: 1234567890 } })).code).toBeNull();
    });
    it('by client_id and client_secret is for machines that have a secret', async () => {
      await here.ask('user/register', { parameters: { username: 'robot', secret: 'iron-man' } });
      const auth = { client_id: 'robot', client_secret: 'iron-man' };
      expect((await here.ask('login', { auth })).payload.user).toMatchObject({ username: 'robot' });
      expect(await here.ask('login', { auth: { ...auth, client_secret: 'iron' } })).toMatchObject(WRONG);
      expect(await here.login('robot', 'iron-man')).toMatchObject(WRONG);
    });
    it('gives what a call asks for: other lives, an ID token, no tokens, a pattern', async () => {
      const id = await here.add('ada', { roles: ['clerk'] });
      const auth = { username: 'ada', password: 'correct horse' };
      const settings = { expiration: '60', refreshExpiration: 120, rolesInID: 'true' };
      const { token } = (await here.ask('login', { auth, settings })).payload;
      expect(token).toMatchObject({ expires_in: 60, refresh_expires_in: 120 });
      expect(claimsOf(token!.id_token!)).toMatchObject({ sub: id, roles: ['clerk'], preferred_username: 'ada' });
      expect((await here.ask('login', { auth, settings: { noTokens: 'true' } })).payload).toEqual({
        user: expect.objectContaining({ id }),
      });
      const resolvePattern = '{user: {id: user.id, name: user.username}, type: access.type}';
      const patterned = await here.ask('login', { auth, settings: { resolve: true, resolvePattern } });
      expect(patterned.payload).toMatchObject({ user: { id, name: 'ada' }, type: 'user', token: { expires_in: 600 } });
    });
    it('takes no such wish from a client', async () => {
      await here.add('ada');
      const wishes = { expiration: 9999, noTokens: true, allowUnregistered: true };
      const auth = { username: 'ada', password: 'correct horse', ...wishes };
      expect((await here.ask('login', { auth, parameters: wishes })).payload.token).toMatchObject({ expires_in: 600 });
    });
  });

  describe('passwords of the original', () => {
    it('let in, and are hashed anew at the first login', async () => {
      const { pbkdf2Sync } = await import('node:crypto');
      const salt = Buffer.from('0123456789abcdef');
      const hash = pbkdf2Sync('correct horse', salt, 1000, 64, 'sha256').toString('base64');
      const credential = { username: 'old', hash, salt: salt.toString('base64'), iterations: 1000 };
      const { payload } = await here.ask('user/register', {
        parameters: { id: 'u-1', data: { credential, access: { roles: 'a, b' } } },
      });
      expect(payload).toMatchObject({ id: 'u-1', data: { access: { roles: ['a', 'b'] } } });
      const stored = async () =>
        (await source.query<{ password: string }[]>('SELECT password FROM identity_users'))[0]!.password;
      expect(await stored()).toMatch(/^\$pbkdf2-sha256\$i=1000\$/);
      expect(await here.login('old', 'wrong horse')).toMatchObject(WRONG);
      expect((await here.login('old', 'correct horse')).code).toBeNull();
      expect(await stored()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect((await there.login('old', 'correct horse')).code).toBeNull();
    });
    it('are refused where they are no hash', async () => {
      for (const credential of [
        { hash: 'xD5Zy8WHxD5Zy8WH', salt: 'AAAA' },
        { hash: '!', salt: 'AAAA', iterations: 1 },
        { passwordHash: '$2b$10$x' },
      ])
        expect((await here.ask('user/register', { parameters: { username: 'x', ...credential } })).code).toBe(10011);
    });
  });

  describe('attempts', () => {
    const guess = (count: number, name = 'ada', ip = '192.0.2.1') =>
      Promise.all(Array.from({ length: count }, () => here.login(name, 'wrong horse', ip)));
    it('from the third failure answer twice as late as the last, at most 8 s', async () => {
      await here.add('ada');
      for (let times = 0; times < 7; times++) expect(await here.login('ada', 'wrong horse')).toMatchObject(WRONG);
      expect(here.delays).toEqual([1000, 2000, 4000, 8000, 8000]);
    });
    it('past the limit lock the user, whose right password is wrong then, here and elsewhere', async () => {
      await here.add('ada');
      for (let times = 0; times < 5; times++) await here.login('ada', 'wrong horse');
      expect(await here.login('ada', 'correct horse')).toMatchObject(WRONG);
      expect(await there.login('ADA', 'correct horse')).toMatchObject(WRONG);
      await source.query(`UPDATE identity_attempts SET locked_until = clock_timestamp()`);
      expect((await here.login('ada', 'correct horse')).code).toBeNull();
    });
    it('of a name that does not exist count alike', async () => {
      for (let times = 0; times < 6; times++) expect(await here.login('nobody', 'wrong horse')).toMatchObject(WRONG);
      expect(here.delays).toEqual([1000, 2000, 4000, 8000]);
    });
    it('are forgotten by a success, and at the end of their window', async () => {
      await here.add('ada');
      for (let round = 0; round < 3; round++) {
        await guess(4);
        expect((await here.login('ada', 'correct horse')).code).toBeNull();
      }
      await guess(4);
      await source.query(`UPDATE identity_attempts SET ends_at = clock_timestamp()`);
      await guess(4);
      expect((await here.login('ada', 'correct horse')).code).toBeNull();
    });
    it('of many at once are no more than configured', async () => {
      await here.add('ada');
      const tries = Array.from({ length: 24 }, (_, index) => (index % 2 ? here : there).login('ada', 'wrong horse'));
      for (const answer of await Promise.all(tries)) expect(answer).toMatchObject(WRONG);
      const rows = await source.query<{ failures: number }[]>(
        `SELECT failures FROM identity_attempts WHERE key LIKE 'n:%'`,
      );
      expect(rows).toEqual([{ failures: 5 }]);
    });
    it('of many at once with the right password all get in', async () => {
      await here.add('ada');
      const tries = Array.from({ length: 16 }, (_, index) => (index % 2 ? here : there).login('ada', 'correct horse'));
      expect((await Promise.all(tries)).map(({ code }) => code)).toEqual(tries.map(() => null));
    });
    it('of one address are limited whatever the names, with 429 and a time to wait', async () => {
      const limited = replicas.add({ 'attempt.addressLimit': '3' });
      await here.add('ada');
      for (const name of ['a', 'b', 'c'])
        expect((await limited.login(name, 'wrong horse', '2001:db8::1')).code).toBe(10125);
      const refused = await limited.login('ada', 'correct horse', '2001:db8::2');
      expect(error(refused)).toMatchObject({ code: 429, http: 429 });
      expect(refused.safePayload!.retryAfter).toBeGreaterThan(800);
      expect((await limited.login('ada', 'correct horse', '2001:db8:0:1::1')).code).toBeNull();
    });
    it('that a killed process left under way count as failed', async () => {
      await here.add('ada');
      await guess(1);
      await source.query(
        `UPDATE identity_attempts SET pending = 4, pending_at = clock_timestamp() - interval '31 seconds'`,
      );
      expect(await here.login('ada', 'correct horse')).toMatchObject(WRONG);
    });
    it('are swept when they have ended', async () => {
      await guess(1);
      await source.query(`UPDATE identity_attempts SET ends_at = clock_timestamp()`);
      await here.sweep();
      expect(await source.query('SELECT * FROM identity_attempts')).toEqual([]);
    });
  });

  describe('register', () => {
    const register = (parameters: object) => here.ask('register', { parameters });
    it('makes a user without roles who is logged in at once, whatever the client says of roles', async () => {
      const more = { profile: { email: 'joan@example.org', n: 1.5 }, roles: ['admin'], id: 'mine', disabled: true };
      const { payload } = await register({ username: 'joan', password: 'clarke-1917', ...more });
      expect(payload.user).toMatchObject({
        username: 'joan',
        roles: [],
        email: 'joan@example.org',
        profile: { n: 1.5 },
      });
      expect(payload.user!.id).toMatch(/^[\da-f-]{36}$/);
      expect(claimsOf(payload.token!.access_token)).toMatchObject({ email: 'joan@example.org', roles: [] });
    });
    it('refuses a taken name, however it is written, and lets one of two at once win', async () => {
      await here.add('ada');
      expect(error(await register({ username: 'ＡＤＡ', password: 'clarke-1917' }))).toMatchObject({
        code: 11006,
        http: 409,
      });
      const both = await Promise.all([
        register({ username: 'joan', password: 'clarke-1917' }),
        register({ username: 'JOAN', password: 'clarke-1917' }),
      ]);
      expect(both.map(({ code }) => code).sort()).toEqual([11006, null].sort());
    });
    it.each([
      ['no name', { password: 'clarke-1917' }, 10009],
      ['no password', { username: 'joan' }, 10009],
      ['a short password', { username: 'joan', password: 'clarke' }, 10011],
      ['a long password', { username: 'joan', password: 'x'.repeat(513) }, 10011],
      ['a password that is no text', { username: 'joan', password: ['clarke-1917'] }, 10011],
      ['white space around the name', { username: ' joan', password: 'clarke-1917' }, 10011],
      ['white space that NFKC brings out', { username: 'joan\u3000', password: 'clarke-1917' }, 10011],
      ['a control character', { username: 'jo\u0007an', password: 'clarke-1917' }, 10011],
      ['an invisible character', { username: 'jo\u200ban', password: 'clarke-1917' }, 10011],
      ['an overriding direction', { username: 'jo\u202ean', password: 'clarke-1917' }, 10011],
      ['an invisible letter', { username: 'jo\u3164an', password: 'clarke-1917' }, 10011],
      ['a huge name', { username: 'j'.repeat(257), password: 'clarke-1917' }, 10011],
      ['a profile that is no object', { username: 'joan', password: 'clarke-1917', profile: [] }, 10011],
      ['a huge profile', { username: 'joan', password: 'clarke-1917', profile: { x: 'y'.repeat(17_000) } }, 10011],
      ['a NUL in the profile', { username: 'joan', password: 'clarke-1917', profile: { x: '\u0000' } }, 10011],
    ])('refuses %s with 400', async (_title, parameters, code) => {
      expect(error(await register(parameters))).toMatchObject({ code, http: 400 });
      expect(await source.query('SELECT * FROM identity_users')).toEqual([]);
    });
    it('is closed unless the system opens it, and may make users who have to be enabled', async () => {
      const parameters = { username: 'joan', password: 'clarke-1917' };
      expect(error(await replicas.add().ask('register', { parameters }))).toMatchObject({ code: 17006, http: 400 });
      const careful = replicas.add({ 'registration.enabled': 'true', 'initial.disabled': 'true' });
      expect((await careful.ask('register', { parameters })).payload).toEqual({
        user: expect.objectContaining({ username: 'joan' }),
        skipToken: true,
      });
      expect(await here.login('joan', 'clarke-1917')).toMatchObject(WRONG);
    });
    it('asks for the form of a password that the system sets, and never at a login', async () => {
      const strict = replicas.add({ 'registration.enabled': 'true', 'auth.passRegex': '(?=.*\\d).+' });
      expect(
        (await strict.ask('register', { parameters: { username: 'joan', password: 'no digit at all' } })).code,
      ).toBe(10011);
      await here.add('ada');
      expect((await strict.login('ada', 'correct horse')).code).toBeNull();
    });
  });

  describe('access tokens', () => {
    const resolve = (access_token: string, settings = {}) => here.ask('resolve', { auth: { access_token }, settings });
    it('resolve to the user, with the roles that it has now', async () => {
      const id = await here.add('ada', { roles: ['clerk'] });
      const { access_token } = await tokenOf('ada');
      expect((await resolve(access_token)).payload).toEqual({ user: { id, roles: ['clerk'] } });
      await there.ask('user/setAccess', { parameters: { id, roles: ['admin'] } });
      expect((await here.ask('validate', { auth: { access_token } })).payload).toEqual({
        user: { id, roles: ['admin'] },
      });
      const pattern = { resolvePattern: '{user: {id: user.id, name: user.username}}' };
      expect((await resolve(access_token, pattern)).payload).toEqual({ user: { id, name: 'ada' } });
      expect((await here.ask('forward', { auth: { access_token }, parameters: { a: 1 } })).payload).toEqual({
        ...{ user: { id, roles: ['admin'] }, parameters: { a: 1 } },
      });
    });
    it.each(['{user', 'user.username', 'nothing(user)'])(
      'with the pattern %s are a mistake of the record',
      async (resolvePattern) => {
        await here.add('ada');
        expect((await resolve((await tokenOf('ada')).access_token, { resolvePattern })).code).toBe(10011);
      },
    );
    it('are refused when they have expired, are forged, of another type, or none', async () => {
      await here.add('ada');
      const { access_token } = await tokenOf('ada');
      const [header, body, signature] = access_token.split('.');
      const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
      const forged = [
        `${header}.${body}.${signature!.slice(0, -2)}`,
        `${none}.${body}.`,
        'x',
        'a.b.c',
        'x'.repeat(9000),
      ];
      for (const token of forged) expect(await resolve(token)).toMatchObject(INVALID);
      expect(await here.ask('resolve', { auth: { access_token }, type: 'clerk' })).toMatchObject(INVALID);
      expect((await here.ask('resolve')).code).toBe(10123);
      here.now = Date.now() - 601_000;
      expect((await resolve((await tokenOf('ada')).access_token)).code).toBe(10124);
    });
    it.each(['logout', 'delete', 'disable', 'a new password'])('end with %s', async (what) => {
      const id = await here.add('ada');
      const { access_token } = await tokenOf('ada');
      if (what === 'logout')
        expect((await here.ask('logout', { auth: { access_token } })).payload).toEqual({ loggedOut: true });
      if (what === 'delete')
        expect((await here.ask('delete', { auth: { access_token } })).payload).toEqual({ deleted: id });
      if (what === 'disable') await here.ask('user/setAccess', { parameters: { id, disabled: true } });
      if (what === 'a new password')
        await here.ask('user/setCredential', { parameters: { id, password: 'other horse' } });
      expect(await there.ask('validate', { auth: { access_token } })).toMatchObject(INVALID);
    });
    it('of users that nobody registered count where the record says so', async () => {
      const { SignJWT } = await import('jose');
      const secret = 's'.repeat(64);
      const open = replicas.add({ 'auth.secret': secret, 'auth.issuer': 'elsewhere' });
      const { signingKeyOf } = await import('../../src/identity/logins/signing-keys.js');
      const { createSecretKey } = await import('node:crypto');
      const { kid } = signingKeyOf(createSecretKey(Buffer.from(secret)));
      const access_token = await new SignJWT({ iss: 'elsewhere', sub: 'far', type: 'user', sid: 'x', roles: ['r'] })
        .setProtectedHeader({ alg: 'HS512', typ: 'JWT', kid })
        .setExpirationTime('1m')
        .sign(Buffer.from(secret));
      expect(await open.ask('resolve', { auth: { access_token } })).toMatchObject(INVALID);
      const settings = { allowUnregistered: 'true' };
      expect((await open.ask('resolve', { auth: { access_token }, settings })).payload).toEqual({
        user: { id: 'far', roles: ['r'] },
      });
      expect(await here.ask('resolve', { auth: { access_token }, settings })).toMatchObject(INVALID);
    });
  });

  describe('refresh tokens', () => {
    const refresh = (refresh_token: string, settings = {}) =>
      there.ask('refresh', { auth: { refresh_token }, settings });
    it('count once, and give new tokens with the roles of now', async () => {
      const id = await here.add('ada');
      const first = await tokenOf('ada');
      await here.ask('user/setAccess', { parameters: { id, roles: ['new'] } });
      const { payload } = await refresh(first.refresh_token);
      expect(payload).toMatchObject({ user: { id, roles: ['new'] }, token: { refresh_expires_in: 6000 } });
      expect(payload.token!.refresh_token).not.toBe(first.refresh_token);
      expect(await refresh(first.refresh_token)).toMatchObject(INVALID);
      expect((await refresh(payload.token!.refresh_token)).code).toBeNull();
    });
    it('used again later end the login', async () => {
      await here.add('ada');
      const first = await tokenOf('ada');
      const second = (await refresh(first.refresh_token)).payload.token!;
      await source.query(`UPDATE identity_logins SET rotated_at = rotated_at - interval '11 seconds'`);
      expect(await refresh(first.refresh_token)).toMatchObject(INVALID);
      expect(await refresh(second.refresh_token)).toMatchObject(INVALID);
      expect(await here.ask('validate', { auth: { access_token: second.access_token } })).toMatchObject(INVALID);
    });
    it('of many at once are rotated by one', async () => {
      await here.add('ada');
      const { refresh_token } = await tokenOf('ada');
      const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refresh_token)));
      expect(answers.filter(({ code }) => code === null)).toHaveLength(1);
    });
    it('live as long as the login asked for', async () => {
      await here.add('ada');
      const auth = { username: 'ada', password: 'correct horse' };
      const { token } = (await here.ask('login', { auth, settings: { refreshExpiration: 99_999 } })).payload;
      expect((await refresh(token!.refresh_token)).payload.token).toMatchObject({ refresh_expires_in: 99_999 });
    });
    it.each([
      'x',
      `${'0'.repeat(36)}.${'x'.repeat(43)}`,
      '00000000-0000-0000-0000-000000000000.' + 'x'.repeat(43),
      `'; --`,
    ])('that are none are refused: %s', async (token) => {
      expect(await refresh(token)).toMatchObject(INVALID);
    });
    it('are swept when they have expired', async () => {
      await here.add('ada');
      await tokenOf('ada');
      await source.query(`UPDATE identity_logins SET expires_at = clock_timestamp()`);
      await here.sweep();
      expect(await source.query('SELECT * FROM identity_logins')).toEqual([]);
    });
    it('log out, too', async () => {
      await here.add('ada');
      const { refresh_token, access_token } = await tokenOf('ada');
      expect((await here.ask('logout', { auth: { refresh_token } })).payload).toEqual({ loggedOut: true });
      expect(await here.ask('validate', { auth: { access_token } })).toMatchObject(INVALID);
      expect(await here.ask('logout', { auth: { refresh_token } })).toMatchObject(INVALID);
    });
  });

  describe('API keys', () => {
    const key = (parameters: object) => here.ask('user/createKey', { parameters });
    const resolveKey = (api_key: string, type = 'user') => there.ask('resolveKey', { auth: { api_key }, type });
    it('resolve to the user with the roles that both have', async () => {
      const id = await here.add('ada', { roles: ['clerk', 'admin'] });
      const { payload } = await key({ id, roles: ['clerk', 'root'], name: 'ci' });
      expect(payload).toEqual({ id: expect.any(String), key: expect.stringMatching(/^[\w-]{32}$/) });
      expect((await resolveKey(payload.key!)).payload).toEqual({ user: { id, roles: ['clerk'] } });
      expect(await resolveKey(payload.key!, 'clerk')).toMatchObject(INVALID);
      const settings = { resolvePattern: '{user: {id: user.id}, key: key.name}' };
      expect((await there.ask('resolveKey', { auth: { api_key: payload.key }, settings })).payload).toEqual({
        user: { id },
        key: 'ci',
      });
      expect(JSON.stringify(await source.query('SELECT * FROM identity_keys'))).not.toContain(payload.key);
    });
    it('without roles have those of the user, as they are now', async () => {
      const id = await here.add('ada', { roles: ['clerk'] });
      const { payload } = await key({ id });
      await here.ask('user/setAccess', { parameters: { id, roles: 'admin, clerk' } });
      expect((await resolveKey(payload.key!)).payload).toEqual({ user: { id, roles: ['admin', 'clerk'] } });
    });
    it('are listed without the key, and deleted', async () => {
      const id = await here.add('ada');
      const { payload } = await key({ id, name: 'ci', expires: '2099-01-01T00:00:00Z' });
      const list = async () => (await here.ask('user/listKeys', { parameters: { id } })).payload;
      expect(await list()).toEqual({
        total: 1,
        list: [
          {
            id: payload.id,
            user: id,
            name: 'ci',
            roles: [],
            expires: '2099-01-01T00:00:00.000Z',
            createdAt: expect.any(String),
          },
        ],
      });
      expect((await here.ask('user/deleteKey', { parameters: { id: payload.id } })).code).toBeNull();
      expect((await here.ask('user/deleteKey', { parameters: { id: payload.id } })).code).toBe(10028);
      expect([await list(), (await resolveKey(payload.key!)).code]).toEqual([{ list: [], total: 0 }, 10125]);
    });
    it('end with their time, and with their user', async () => {
      const id = await here.add('ada');
      const { payload } = await key({ id, expires: new Date(Date.now() + 60_000).toISOString() });
      const { payload: told } = await resolveKey(payload.key!);
      expect(told['expires_in']).toBeGreaterThan(50);
      expect(told['expires_in']).toBeLessThanOrEqual(60);
      await source.query(`UPDATE identity_keys SET expires_at = clock_timestamp()`);
      expect(await resolveKey(payload.key!)).toMatchObject(INVALID);
      const other = await key({ id });
      await here.ask('user/setAccess', { parameters: { id, disabled: true } });
      expect(await resolveKey(other.payload.key!)).toMatchObject(INVALID);
    });
    it('are refused for nobody, and with bad input', async () => {
      const id = await here.add('ada');
      expect((await key({ id: 'nobody' })).code).toBe(10028);
      for (const bad of [
        { roles: 7 },
        { roles: ['a,b'] },
        { expires: 'soon' },
        { expires: '2000-01-01' },
        { expires: '2030-02-31T00:00:00Z' },
        { name: 'x'.repeat(300) },
        { name: [] },
      ])
        expect((await key({ id, ...bad })).code).toBe(10011);
      for (const bad of ['', 'x', `' OR 1=1 --`, 'x'.repeat(5000)]) expect((await resolveKey(bad)).http).toBe(401);
    });
    it('may be digested with a secret, and those made before go on', async () => {
      const id = await here.add('ada');
      const peppered = replicas.add({ 'apikey.secret': 'p'.repeat(32), 'apikey.length': '64' });
      const before = (await key({ id })).payload.key!;
      const { key: made = '' } = (await peppered.ask('user/createKey', { parameters: { id } })).payload;
      expect(made).toHaveLength(64);
      for (const each of [before, made])
        expect((await peppered.ask('resolveKey', { auth: { api_key: each } })).code).toBeNull();
      expect(await resolveKey(made)).toMatchObject(INVALID);
    });
  });

  describe('administration of users', () => {
    it('lists in order of name, by part of a name, page by page, and tells nothing secret', async () => {
      for (const name of ['carl', 'Ada', 'bob%', 'bobby']) await here.add(name);
      const names = async (parameters: object) => {
        const { payload } = await here.ask('user/list', { parameters, method: 'GET' });
        const list = payload.list as unknown as { data: { credential: { username: string } } }[];
        return [list.map(({ data }) => data.credential.username), payload['total']];
      };
      expect(await names({})).toEqual([['Ada', 'bob%', 'bobby', 'carl'], 4]);
      expect(await names({ skip: '1', limit: '2' })).toEqual([['bob%', 'bobby'], 4]);
      expect(await names({ search: 'BOB' })).toEqual([['bob%', 'bobby'], 2]);
      expect(await names({ search: '%' })).toEqual([['bob%'], 1]);
      const { payload } = await here.ask('user/list');
      expect(JSON.stringify(payload)).not.toMatch(/argon2|hash|secret/i);
    });
    it('changes one thing at a time', async () => {
      const id = await here.add('ada', { roles: ['clerk'] });
      await here.ask('user/setProfile', { parameters: { id, data: { profile: { city: 'London' } } } });
      await here.ask('user/setCredential', { parameters: { id, username: 'countess' } });
      const { payload } = await here.ask('user/get', { parameters: { id } });
      expect(payload).toMatchObject({
        ...{ id, type: 'user', version: 3 },
        data: {
          profile: { city: 'London' },
          credential: { username: 'countess', otpEnabled: false },
          access: { roles: ['clerk'] },
          disabled: false,
        },
      });
      expect((await here.login('countess', 'correct horse')).code).toBeNull();
    });
    it('ends all logins of a user', async () => {
      const id = await here.add('ada');
      const tokens = [await tokenOf('ada'), await tokenOf('ada')];
      expect((await here.ask('user/logout', { parameters: { id } })).payload).toEqual({ id, ended: 2 });
      for (const { access_token } of tokens)
        expect((await here.ask('validate', { auth: { access_token } })).code).toBe(10125);
    });
    it('takes ids that the admin API takes, one of a kind over all types, and says which of two is taken', async () => {
      const register = (username: string, id: string, type = 'user') =>
        here.ask('user/register', { type, parameters: { id, username, password: 'correct horse' } });
      expect((await register('ada', 'a/b')).code).toBe(10011);
      expect((await register('ada', 'u-1')).code).toBeNull();
      expect((await register('eve', 'u-1', 'clerk')).message).toBe('id is taken');
      expect((await register('ADA', 'u-2')).message).toBe('username is taken');
    });
    it('finds nobody of another type, and nobody who is gone', async () => {
      const id = await here.add('ada');
      for (const action of ['get', 'delete', 'logout', 'createKey'])
        expect((await here.ask(`user/${action}`, { parameters: { id }, type: 'clerk' })).code).toBe(10028);
      expect((await here.ask('user/delete', { parameters: { id } })).payload).toEqual({ deleted: id });
      for (const [action, more] of [
        ['delete', {}],
        ['setAccess', { roles: [] }],
        ['setProfile', { profile: {} }],
      ] as const)
        expect((await here.ask(`user/${action}`, { parameters: { id, ...more } })).code).toBe(10028);
    });
    it('refuses bad input', async () => {
      const id = await here.add('ada');
      await here.add('bob');
      const ask = async (action: string, parameters: object) =>
        (await here.ask(`user/${action}`, { parameters: { id, ...parameters } })).code;
      expect(await ask('setCredential', { username: 'BOB' })).toBe(11006);
      expect(await ask('setCredential', {})).toBe(10009);
      expect(await ask('setCredential', { password: 'short' })).toBe(10011);
      const many = Array.from({ length: 101 }, (_, index) => `role${index}`);
      for (const roles of [7, [''], ['x'.repeat(300)], ['a\u0000'], [[]], many])
        expect(await ask('setAccess', { roles })).toBe(10011);
      expect(await ask('list', { limit: 100_000 })).toBe(10011);
      expect(await ask('list', { skip: -1 })).toBe(10011);
      expect((await here.ask('user/get')).code).toBe(10009);
    });
  });

  describe('one-time passwords', () => {
    const ask = (action: string, auth: object, parameters: object = {}) =>
      here.ask(`otp/${action}`, { auth: auth as never, parameters });
    const codeAt = (secret: string, ms: number) => totpCode(bytesOfBase32(secret), Math.floor(ms / 30_000));
    /** A user who is asked for codes, at a time of the test's own. */
    const withCodes = async () => {
      here.now = Date.now();
      const id = await here.add('grace');
      const { access_token } = await tokenOf('grace');
      const { secret, uri } = (await ask('setup', { access_token })).payload as unknown as {
        secret: string;
        uri: string;
      };
      const verified = await ask('verify', { access_token }, { otp: codeAt(secret, here.now) });
      return { id, access_token, secret, uri, recoveryCodes: verified.payload.recoveryCodes! };
    };
    const logIn = async () => (await here.login('grace', 'correct horse')).payload;
    const finish = (transactionId: string | undefined, otp: string | number) =>
      here.ask('login', { auth: { stage: 'otp', transactionId, otp }, origin: { ip: '192.0.2.1' } });

    it('are asked for once a code has shown that the app has the secret', async () => {
      const { secret, uri, recoveryCodes, id } = await withCodes();
      expect(uri).toBe(`otpauth://totp/shop:grace?secret=${secret}&issuer=shop&algorithm=SHA1&digits=6&period=30`);
      expect(recoveryCodes).toHaveLength(10);
      const step = await logIn();
      expect(step).toEqual({ stage: 'otp', transactionId: expect.stringMatching(/^[\w-]{43}$/) });
      here.now! += 30_000;
      const { payload } = await finish(step.transactionId, codeAt(secret, here.now!));
      expect(payload).toMatchObject({ user: { id }, token: { expires_in: 600 } });
      expect(JSON.stringify(await source.query('SELECT * FROM identity_users'))).not.toContain(secret);
    });
    it('do not count before', async () => {
      await here.add('grace');
      const { access_token } = await tokenOf('grace');
      await ask('setup', { access_token });
      expect((await logIn()).token).toBeDefined();
      expect((await ask('verify', { access_token }, { otp: '000000' })).code).toBe(10125);
      expect((await logIn()).token).toBeDefined();
    });
    it('count once each, one step either way, and no further', async () => {
      const { secret } = await withCodes();
      here.now! += 60_000;
      const code = codeAt(secret, here.now! + 30_000);
      expect((await finish((await logIn()).transactionId, codeAt(secret, here.now! + 60_000))).code).toBe(10125);
      expect((await finish((await logIn()).transactionId, codeAt(secret, here.now! - 60_000))).code).toBe(10125);
      expect((await finish((await logIn()).transactionId, code)).code).toBeNull();
      for (const used of [code, codeAt(secret, here.now!)])
        expect((await finish((await logIn()).transactionId, used)).code).toBe(10125);
    });
    it('of two logins at once with one code let one in', async () => {
      const { secret } = await withCodes();
      here.now! += 30_000;
      const steps = [await logIn(), await logIn()];
      const code = codeAt(secret, here.now!);
      const both = await Promise.all(steps.map(({ transactionId }) => finish(transactionId, code)));
      expect(both.map(({ code: each }) => each).sort()).toEqual([10125, null].sort());
    });
    it('end a transaction that has succeeded, or is too old', async () => {
      const { secret } = await withCodes();
      here.now! += 30_000;
      const { transactionId } = await logIn();
      expect((await finish(transactionId, codeAt(secret, here.now!))).code).toBeNull();
      here.now! += 30_000;
      expect((await finish(transactionId, codeAt(secret, here.now!))).code).toBe(10125);
      const late = (await logIn()).transactionId;
      await source.query('UPDATE identity_steps SET expires_at = clock_timestamp()');
      here.now! += 30_000;
      expect((await finish(late, codeAt(secret, here.now!))).code).toBe(10125);
    });
    it('that are wrong count as attempts, and a right password in between pays for none', async () => {
      const { secret } = await withCodes();
      here.now! += 30_000;
      for (let times = 0; times < 5; times++)
        expect((await finish((await logIn()).transactionId, '000000')).code).toBe(10125);
      expect(here.delays).toEqual([1000, 2000, 4000]);
      expect(await here.login('grace', 'correct horse')).toMatchObject(WRONG);
      expect((await finish('x'.repeat(43), codeAt(secret, here.now!))).code).toBe(10125);
    });
    it('may come with the password at once', async () => {
      const { secret } = await withCodes();
      here.now! += 30_000;
      const auth = { username: 'grace', password: 'correct horse', otp: codeAt(secret, here.now!) };
      expect((await here.ask('login', { auth })).payload.token).toBeDefined();
      expect(await here.ask('login', { auth })).toMatchObject(WRONG);
    });
    it('have recovery codes in their place, each once, however they are typed', async () => {
      const { recoveryCodes } = await withCodes();
      const typed = recoveryCodes[3]!.toUpperCase().replaceAll('-', ' ');
      expect((await finish((await logIn()).transactionId, typed)).code).toBeNull();
      expect((await finish((await logIn()).transactionId, recoveryCodes[3]!)).code).toBe(10125);
      expect((await finish((await logIn()).transactionId, recoveryCodes[4]!)).code).toBeNull();
    });
    it('give new recovery codes soon after a login, or for a code or the password', async () => {
      const { access_token, recoveryCodes } = await withCodes();
      const renewed = (await ask('recovery', { access_token })).payload.recoveryCodes!;
      expect((await finish((await logIn()).transactionId, recoveryCodes[0]!)).code).toBe(10125);
      expect((await finish((await logIn()).transactionId, renewed[0]!)).code).toBeNull();
      await source.query(`UPDATE identity_logins SET begun_at = begun_at - interval '6 minutes'`);
      expect((await ask('recovery', { access_token })).code).toBe(10011);
      expect((await ask('recovery', { access_token }, { password: 'wrong horse' })).code).toBe(10125);
      expect(
        (await ask('recovery', { access_token }, { password: 'correct horse' })).payload.recoveryCodes,
      ).toHaveLength(10);
    });
    it('are turned off by a code or the password, and by nothing less', async () => {
      const { access_token, secret } = await withCodes();
      here.now! += 30_000;
      expect((await ask('disable', { access_token })).code).toBe(10011);
      expect((await ask('disable', { access_token }, { otp: '000000' })).code).toBe(10125);
      expect((await ask('setup', { access_token })).code).toBe(10011);
      expect((await ask('verify', { access_token }, { otp: codeAt(secret, here.now!) })).code).toBe(10011);
      expect((await ask('disable', { access_token }, { otp: codeAt(secret, here.now!) })).payload).toEqual({
        otpEnabled: false,
      });
      expect((await logIn()).token).toBeDefined();
      expect((await ask('disable', { access_token }, { password: 'correct horse' })).code).toBe(10011);
      expect((await ask('recovery', { access_token }, { password: 'correct horse' })).code).toBe(10011);
    });
    it('are for administrators, too', async () => {
      const admin = await here.identities.createUser({ type: 'admin', username: 'root', password: 'correct horse' });
      const { accessToken } = (await here.identities.login(
        'admin',
        { username: 'root', password: 'correct horse', transactionId: null, otp: null },
        null,
      )) as LoggedIn;
      const auth = { access_token: accessToken };
      const { secret } = (await here.ask('otp/setup', { auth, type: 'admin' })).payload as unknown as {
        secret: string;
      };
      expect(
        (await here.ask('otp/verify', { auth, type: 'admin', parameters: { otp: codeAt(secret, Date.now()) } })).code,
      ).toBeNull();
      const step = await here.identities.login(
        'admin',
        { username: 'root', password: 'correct horse', transactionId: null, otp: null },
        null,
      );
      expect(step).toMatchObject({ kind: 'step', stage: 'otp' });
      expect(await here.identities.user(admin.id)).toMatchObject({ hasOtp: true, version: 2 });
    });
  });

  describe('custom actions of whoever is logged in', () => {
    it('change the password by the one so far, and end all logins', async () => {
      await here.add('ada');
      const { access_token } = await tokenOf('ada');
      const change = (parameters: object) => here.ask('custom/changePassword', { auth: { access_token }, parameters });
      expect((await change({ password: 'wrong horse', newPassword: 'battery staple' })).code).toBe(10125);
      expect((await change({ password: 'correct horse', newPassword: 'short' })).code).toBe(10011);
      expect((await change({ password: 'correct horse', newPassword: 'battery staple' })).payload.user).toMatchObject({
        username: 'ada',
      });
      expect((await here.login('ada', 'battery staple')).code).toBeNull();
      expect(await change({ password: 'battery staple', newPassword: 'correct horse' })).toMatchObject(INVALID);
    });
    it('change the profile', async () => {
      await here.add('ada');
      const auth = { access_token: (await tokenOf('ada')).access_token };
      expect(
        (await here.ask('custom/setProfile', { auth, parameters: { profile: { a: 1 } } })).payload.user,
      ).toMatchObject({ profile: { a: 1 } });
      expect((await here.ask('custom/setProfile', { auth })).code).toBe(10011);
    });
    it('take the gateway at its word of who calls, of this type alone', async () => {
      const id = await here.add('ada');
      const parameters = { profile: { a: 1 } };
      expect((await here.ask('custom/setProfile', { parameters, origin: { id, type: 'user' } })).code).toBeNull();
      for (const origin of [{ id, type: 'guest' }, { id }, {}])
        expect((await here.ask('custom/setProfile', { parameters, origin })).code).toBe(10123);
      const nobody = { id: 'nobody', type: 'user' };
      expect((await here.ask('custom/setProfile', { parameters, origin: nobody })).code).toBe(10125);
    });
  });

  describe('a call over a channel', () => {
    const ask = (path: string, more: object) =>
      here.send({ method: 'POST', target: '/auth/user', path, event: '{}', ...more });
    it('administers users only where the rule of its path names a role, or opens it to everybody', async () => {
      for (const action of ['/user/list', '/user/setAccess', '/user/createKey'])
        expect(await ask(action, { opensTo: 'users' })).toMatchObject({ code: 403, http: 403 });
      for (const opensTo of ['roles', 'everybody']) expect((await ask('/user/list', { opensTo })).code).toBeNull();
    });
    it('changes no account by an API key', async () => {
      for (const action of ['/delete', '/otp/setup', '/custom/changePassword'])
        expect(await ask(action, { opensTo: 'users', byApiKey: true })).toMatchObject({ code: 403, http: 403 });
    });
  });

  describe('what there is not', () => {
    it.each(['nothing', 'login/x', 'user', 'user/drop', 'custom/hack', '', 'a/b/c'])(
      'is code 3: %s',
      async (action) => {
        expect((await here.ask(action)).code).toBe(3);
      },
    );
    it.each(['register', 'delete', 'custom/changePassword', 'user/register', 'user/setAccess', 'user/list'])(
      'is %s of administrators',
      async (action) => {
        expect((await here.ask(action, { type: 'admin' })).code).toBe(3);
      },
    );
    it('is a type that looks like that of administrators', async () => {
      expect((await here.ask('login', { type: 'Admin' })).code).toBe(3);
    });
    it('is another method, and an event that is none', async () => {
      expect((await here.ask('login', { method: 'GET' })).code).toBe(405);
      expect((await here.send({ method: 'POST', target: '/auth/user', path: '/login', event: '{' })).code).toBe(10011);
      expect((await here.send({ method: 'POST', target: '/auth', path: '/user/login', event: 'null' })).code).toBe(
        10123,
      );
      expect((await here.send({ method: 'POST', target: '/session/user', path: '/login', event: '{}' })).code).toBe(3);
    });
  });
}
