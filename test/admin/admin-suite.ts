import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { type AdminSite, type As, errorOf, PASSWORD, type User } from './admin-site.js';

export interface AdminWorld {
  readonly here: AdminSite;
  /** Another process of the same gateway; the same where there is but one. */
  readonly there: AdminSite;
  readonly end: () => Promise<void>;
}

const UUID = '00000000-0000-4000-8000-000000000000';
const MISSING = [401, 401, 'missing token'];
const INVALID = [401, 401, 'invalid token'];
/** Each route that needs a role: the least one, and a body that it takes. */
const ROUTES: readonly (readonly [string, string, object | undefined])[] = [
  ['GET users', 'admin', undefined],
  ['POST users', 'admin', { username: 'nobody', type: 'user' }],
  [`GET users/${UUID}`, 'admin', undefined],
  [`PUT users/${UUID}`, 'admin', { username: 'nobody' }],
  [`PATCH users/${UUID}`, 'admin', {}],
  [`DELETE users/${UUID}`, 'admin', undefined],
  ['GET keys', 'admin', undefined],
  ['POST keys', 'admin', { user: UUID }],
  [`GET keys/${UUID}`, 'admin', undefined],
  [`DELETE keys/${UUID}`, 'admin', undefined],
  ['GET sessions', 'viewer', undefined],
  [`DELETE sessions/${UUID}`, 'operator', undefined],
];
const RANKS = ['viewer', 'editor', 'operator', 'admin'];

/** What administrators do, whatever the database is. */
export function adminSuite(start: () => Promise<AdminWorld>): void {
  let world: AdminWorld;
  let here: AdminSite;
  let there: AdminSite;
  let root: As;
  const byRole = new Map<string, As>();
  beforeAll(async () => {
    world = await start();
    ({ here, there } = world);
    root = { token: (await here.login('admin')).token };
    for (const role of RANKS) byRole.set(role, (await here.administrator(root, `${role}-here`, `default:${role}`)).as);
  });
  afterAll(() => world.end());

  /** A new one each time. */
  let count = 0;
  const fresh = (name = 'user'): string => `${name}-${count++}`;
  const addUser = async (more: object = {}): Promise<User> =>
    (await here.ask(root, 'POST users', { username: fresh(), type: 'user', ...more })).body as User;

  describe('a route', () => {
    it.each(ROUTES)('%s refuses who has no token', async (line, _role, body) => {
      const told = await here.ask(null, line, body);
      expect([errorOf(told), told.answer.headers['www-authenticate']]).toEqual([MISSING, 'Bearer']);
    });
    it.each(ROUTES)('%s refuses who lacks the role, and lets in who has it', async (line, role, body) => {
      for (const [index, rank] of RANKS.entries()) {
        const { status } = await here.ask(byRole.get(rank)!, line, body);
        expect([rank, status === 403]).toEqual([rank, index < RANKS.indexOf(role)]);
      }
    });
    it.each(ROUTES)('%s lets no cache keep its answer', async (line, _role, body) => {
      for (const as of [null, byRole.get('admin')!])
        expect((await here.ask(as, line, body)).answer.headers['cache-control']).toBe('no-store');
    });
    it.each([
      ['GET users/a%01b', 400],
      [`GET users/${'x'.repeat(129)}`, 400],
      [`DELETE keys/${'x'.repeat(2000)}`, 400],
      ['GET keys/7', 404],
      ['DELETE sessions/7', 400],
      ["GET users/x'%20OR%20'1'='1", 404],
      ['GET users/__proto__', 404],
    ])('%s of a malformed id answers %i', async (line, status) => {
      expect((await here.ask(root, line)).status).toBe(status);
    });
    it.each([
      ['PUT users', 405, 'GET, HEAD, POST'],
      ['POST users/7', 405, 'DELETE, GET, HEAD, PATCH, PUT'],
      ['PATCH keys/7', 405, 'DELETE, GET, HEAD'],
      ['GET login', 405, 'POST'],
      ['OPTIONS users', 204, 'GET, HEAD, POST'],
      ['GET nothing', 404, undefined],
      ['GET users/7/keys', 404, undefined],
    ])('%s answers %i', async (line, status, allow) => {
      const told = await here.ask(root, line);
      expect([told.status, told.answer.headers.allow]).toEqual([status, allow]);
    });
    it('may be written with slashes that say nothing', async () => {
      expect((await here.at(root, 'GET /admin//api/v1/users/')).status).toBe(200);
    });
  });

  describe('a login', () => {
    it('brings tokens that hold, and says who came', async () => {
      const { status, body, answer } = await here.ask(null, 'POST login', { username: 'ADMIN', password: PASSWORD });
      expect([status, Object.keys(body).sort(), answer.headers['cache-control']]).toEqual([
        ...[200, ['expiresIn', 'refreshToken', 'token'], 'no-store'],
      ]);
      const me = await here.ask({ token: body['token'] as string }, 'GET me');
      expect(me.body).toMatchObject({
        ...{
          username: 'admin',
          roles: [{ gateway: '*', role: 'admin' }],
          gateway: 'default',
          role: 'admin',
          key: null,
        },
      });
    });
    it.each([
      ['a wrong password', { username: 'viewer-here', password: 'wrong-horse' }],
      ['a user that is not there', { username: 'nobody', password: PASSWORD }],
      ['SQL for a name', { username: "admin' OR '1'='1' --", password: PASSWORD }],
    ])('with %s is refused', async (_title, body) => {
      expect(errorOf(await here.ask(null, 'POST login', body))).toEqual([401, 401, 'wrong credentials']);
    });
    it('of a user of another type is refused', async () => {
      const username = fresh();
      await addUser({ username, password: PASSWORD, roles: ['*:admin', 'admin'] });
      expect((await here.ask(null, 'POST login', { username, password: PASSWORD })).status).toBe(401);
    });
    it.each([
      [{}, '/username is missing; /password is missing'],
      [{ username: 'admin' }, '/password is missing'],
      [{ otp: '123456' }, '/transactionId is missing'],
      [{ username: ['admin'], password: {} }, '/username must be'],
      [{ username: 'admin', password: PASSWORD, type: 'user' }, '/type is not known here'],
    ])('with %j is told what is wrong', async (body, words) => {
      const [status, , message] = errorOf(await here.ask(null, 'POST login', body));
      expect([status, message]).toEqual([400, expect.stringContaining(words)]);
    });
    it('goes on by its refresh token, once', async () => {
      const { refreshToken } = await here.login('admin');
      const next = await there.ask(null, 'POST refresh', { refreshToken });
      expect((await here.ask({ token: next.body['token'] as string }, 'GET me')).status).toBe(200);
      expect(errorOf(await here.ask(null, 'POST refresh', { refreshToken }))).toEqual(INVALID);
      expect((await here.ask(null, 'POST refresh', {})).status).toBe(400);
    });
    it('ends with a logout, at every process', async () => {
      const { token, refreshToken } = await here.login('admin');
      expect((await here.ask({ token }, 'POST logout')).status).toBe(204);
      expect(errorOf(await here.ask({ token }, 'GET me'))).toEqual(INVALID);
      expect(errorOf(await there.ask({ token }, 'GET me'))).toEqual(INVALID);
      expect((await there.ask(null, 'POST refresh', { refreshToken })).status).toBe(401);
    });
  });

  describe('a user', () => {
    it('is created, read, changed, replaced and deleted, each with its ETag', async () => {
      const username = fresh('Ädä');
      const roles = [{ gateway: 'shop', role: 'editor' }];
      const made = await here.ask(root, 'POST users', {
        ...{ username, type: 'admin', password: PASSWORD, roles, profile: { team: 'a' } },
      });
      const { id } = made.body as User;
      expect([made.status, made.etag, made.answer.headers.location]).toEqual([
        ...[201, '"1"', `/admin/api/v1/users/${id}`],
      ]);
      expect(made.body).toEqual({
        ...{ id, username, type: 'admin', roles, disabled: false, hasOtp: false, profile: { team: 'a' }, version: 1 },
        ...{ createdAt: expect.any(String), updatedAt: expect.any(String) },
      });
      const read = await there.ask(root, `GET users/${id}`);
      expect([read.body, read.etag]).toEqual([made.body, '"1"']);
      const changed = await here.ask(root, `PATCH users/${id}`, { disabled: true }, { 'if-match': '"1"' });
      expect([changed.status, changed.etag, changed.body]).toMatchObject([200, '"2"', { disabled: true, roles }]);
      const replaced = await here.ask(
        root,
        `PUT users/${id}`,
        { ...changed.body, roles: [] },
        { 'if-match': '"1", "2"' },
      );
      expect([replaced.etag, replaced.body]).toMatchObject(['"3"', { roles: [], disabled: true }]);
      expect((await here.ask(root, `DELETE users/${id}`, undefined, { 'if-match': '"2"' })).status).toBe(412);
      expect((await here.ask(root, `DELETE users/${id}`, undefined, { 'if-match': '"3"' })).status).toBe(204);
      expect(errorOf(await there.ask(root, `GET users/${id}`))[0]).toBe(404);
    });
    it.each(['PATCH', 'PUT'])('that has changed meanwhile is not written over by %s', async (method) => {
      const { id, username } = await addUser();
      await here.ask(root, `PATCH users/${id}`, { disabled: true });
      const late = await here.ask(
        root,
        `${method} users/${id}`,
        { username, profile: { a: 1 } },
        { 'if-match': '"1"' },
      );
      expect(errorOf(late).slice(0, 2)).toEqual([412, 412]);
      expect((await here.ask(root, `GET users/${id}`)).body).toMatchObject({ profile: {}, version: 2 });
      for (const header of ['*', '"2"'])
        expect((await here.ask(root, `PATCH users/${id}`, {}, { 'if-match': header })).status).toBe(
          header === '*' ? 200 : 412,
        );
      expect((await here.ask(root, `PATCH users/${id}`, {}, { 'if-match': 'W/"4"' })).status).toBe(412);
      expect((await here.ask(root, `PATCH users/${id}`, {}, { 'if-match': '4' })).status).toBe(400);
    });
    it('changes once where two change it from the same version at once', async () => {
      const { id } = await addUser();
      const change = (site: AdminSite, team: string) =>
        site.ask(root, `PATCH users/${id}`, { profile: { team } }, { 'if-match': '"1"' });
      const statuses = (await Promise.all([change(here, 'a'), change(there, 'b')])).map(({ status }) => status);
      expect(statuses.sort()).toEqual([200, 412]);
    });
    it('is one of a kind by its name', async () => {
      const { username } = await addUser();
      const body = { username: String(username).toUpperCase(), type: 'user' };
      expect(errorOf(await here.ask(root, 'POST users', body)).slice(0, 2)).toEqual([409, 409]);
      expect((await here.ask(root, 'POST users', { ...body, type: 'other' })).status).toBe(201);
    });
    it('of another type has plain roles', async () => {
      const { roles } = await addUser({ roles: ['clerk', { gateway: '*', role: 'a:b' }] });
      expect(roles).toEqual([
        { gateway: '*', role: 'clerk' },
        { gateway: '*', role: 'a:b' },
      ]);
    });
    it('is found by type, part of the name and state, sorted and page by page', async () => {
      const type = fresh('type');
      for (const name of ['Bob', 'ann', 'Carl']) await addUser({ username: name, type });
      await addUser({ username: "per%cent_o'x", type, disabled: true });
      const names = async (query: string) => {
        const { body } = await here.ask(root, `GET users?type=${type}&${query}`);
        return [body.list!.map(({ username }) => username), body.total];
      };
      expect(await names('')).toEqual([['ann', 'Bob', 'Carl', "per%cent_o'x"], 4]);
      expect(await names('sort=-username&limit=2&skip=1')).toEqual([['Carl', 'Bob'], 4]);
      expect(await names('sort=createdAt&limit=2')).toEqual([['Bob', 'ann'], 4]);
      expect(await names('search=AR')).toEqual([['Carl'], 1]);
      expect(await names('search=%25')).toEqual([["per%cent_o'x"], 1]);
      expect(await names('disabled=true')).toEqual([["per%cent_o'x"], 1]);
      expect(await names('skip=10')).toEqual([[], 4]);
    });
    it.each([
      ['a password that is too short', { password: 'short' }, 'password has fewer than', '/password'],
      ['a name with white space around it', { username: ' x ' }, 'username', '/username'],
      ['a name of control characters', { username: 'a\u0007' }, '/username', '/username'],
      ['what it has not', { id: 'x', version: 9, isAdmin: true, hasOtp: true }, '/isAdmin is not known here', '/id'],
      ['a role of one gateway', { roles: [{ gateway: 'shop', role: 'x' }] }, '/roles/0/gateway', '/roles/0/gateway'],
    ])('with %s is refused', async (_title, more, words, pointer) => {
      const told = await here.ask(root, 'POST users', { username: fresh(), type: 'user', ...more });
      expect(errorOf(told)).toEqual([400, 400, expect.stringContaining(words)]);
      const { error } = told.answer.json<{ error: { payload: { faults: readonly { pointer: string }[] } } }>();
      expect(error.payload.faults.map((fault) => fault.pointer)).toContain(pointer);
    });
    it('gives its password away in no answer', async () => {
      const { id } = await addUser({ password: 'unmistakable-horse' });
      const told = [
        await here.ask(root, `PATCH users/${id}`, { password: 'unmistakable-horse-2' }),
        await here.ask(root, `GET users/${id}`),
        await here.ask(root, 'GET users?limit=1000'),
        await here.ask(root, `PATCH users/${id}`, { password: ['unmistakable-horse'] }),
      ];
      expect(told.map(({ answer }) => answer.text).join()).not.toMatch(/unmistakable|argon2/);
    });
  });

  describe('a change of an administrator', () => {
    it.each<[string, object, number]>([
      ['fewer roles', { roles: [] }, 403],
      ['being disabled', { disabled: true }, 401],
      ['a new password', { password: 'another-horse' }, 401],
    ])('to %s holds at once here, and within a second elsewhere', async (_title, change, status) => {
      const { user, as } = await here.administrator(root, fresh('admin'), '*:operator');
      expect((await there.ask(as, 'GET sessions')).status).toBe(200);
      expect((await here.ask(root, `PATCH users/${user.id}`, change)).status).toBe(200);
      expect((await here.ask(as, 'GET sessions')).status).toBe(status);
      await until(async () => (await there.ask(as, 'GET sessions')).status === status, 1000);
    });
    it('to more roles holds without a new login', async () => {
      const { user, as } = await here.administrator(root, fresh('admin'));
      expect((await there.ask(as, 'GET sessions')).status).toBe(403);
      await here.ask(root, `PATCH users/${user.id}`, { roles: [{ gateway: 'default', role: 'viewer' }] });
      expect((await here.ask(as, 'GET sessions')).status).toBe(200);
      await until(async () => (await there.ask(as, 'GET sessions')).status === 200, 1000);
    });
    it('who is deleted ends tokens and keys', async () => {
      const { user, as } = await here.administrator(root, fresh('admin'), '*:viewer');
      const made = await here.ask(root, 'POST keys', { user: user.id });
      const key = { key: made.body['key'] as string };
      expect((await there.ask(key, 'GET sessions')).status).toBe(200);
      expect((await here.ask(root, `DELETE users/${user.id}`)).status).toBe(204);
      for (const who of [as, key]) {
        expect(errorOf(await here.ask(who, 'GET sessions'))).toEqual(INVALID);
        await until(async () => (await there.ask(who, 'GET sessions')).status === 401, 1000);
      }
    });
  });

  describe('roles on gateways', () => {
    it('count on this gateway alone', async () => {
      const { as } = await here.administrator(root, fresh('admin'), 'other:admin');
      expect((await here.ask(as, 'GET me')).body).toMatchObject({ role: null });
      expect((await here.ask(as, 'GET sessions')).status).toBe(403);
    });
    it('are given and taken by nobody beyond the own ones', async () => {
      const shop = await here.administrator(root, fresh('admin'), 'default:admin');
      const grant = (gateway: string) => ({ roles: [{ gateway, role: 'admin' }] });
      for (const gateway of ['*', 'other']) {
        const own = await here.ask(shop.as, `PATCH users/${shop.user.id}`, grant(gateway));
        const new_ = { username: fresh(), type: 'admin', password: PASSWORD, ...grant(gateway) };
        expect([own.status, (await here.ask(shop.as, 'POST users', new_)).status]).toEqual([403, 403]);
      }
      const { list } = (await here.ask(shop.as, 'GET users?type=admin&search=admin')).body;
      const first = list!.find(({ username }) => username === 'admin') as User;
      for (const line of [`PATCH users/${first.id}`, `PUT users/${first.id}`])
        expect((await here.ask(shop.as, line, { username: 'admin', password: 'taken-over-1' })).status).toBe(403);
      expect((await here.ask(shop.as, 'POST keys', { user: first.id })).status).toBe(403);
      expect((await here.ask(shop.as, `DELETE users/${first.id}`)).status).toBe(403);
    });
    it('are not given by an operator, not even to itself', async () => {
      const { user, as } = await here.administrator(root, fresh('admin'), '*:operator');
      const body = { roles: [{ gateway: '*', role: 'admin' }] };
      expect((await here.ask(as, `PATCH users/${user.id}`, body)).status).toBe(403);
      expect((await here.ask(as, 'POST keys', { user: user.id, ...body })).status).toBe(403);
    });
  });

  describe('the last administrator of all gateways', () => {
    it('stays, whatever two of them do to each other at once', async () => {
      const { id: firstId } = (await here.ask(root, 'GET me')).body as User;
      for (let round = 0; round < 5; round++) {
        const other = await here.administrator(root, fresh('admin'), '*:admin');
        const takes = { roles: [] };
        const answers = await Promise.all([
          here.ask(root, `PATCH users/${other.user.id}`, takes),
          there.ask(other.as, `PATCH users/${firstId}`, takes),
        ]);
        const left = (await Promise.all([root, other.as].map((as) => here.ask(as, 'GET me')))).map(
          ({ body }) => body['role'],
        );
        expect([
          left.filter((role) => role === 'admin').length,
          answers.map(({ status }) => status).includes(200),
        ]).toEqual([...[1, true]]);
        // Whoever is left makes it as it was.
        const keeper = left[0] === 'admin' ? root : other.as;
        await here.ask(keeper, `PATCH users/${firstId}`, { roles: [{ gateway: '*', role: 'admin' }] });
        await here.ask(root, `DELETE users/${other.user.id}`);
      }
      for (const change of [{ roles: [] }, { disabled: true }])
        expect(errorOf(await here.ask(root, `PATCH users/${firstId}`, change)).slice(0, 2)).toEqual([409, 409]);
      expect((await here.ask(root, `DELETE users/${firstId}`)).status).toBe(409);
      expect((await here.ask(root, `PUT users/${firstId}`, { username: 'admin' })).status).toBe(409);
    });
  });

  describe('an API key', () => {
    it('is told once, has what it shares with its user, and ends when it is deleted', async () => {
      const { user } = await here.administrator(root, fresh('admin'), '*:admin');
      const body = { user: user.id, name: 'cron', roles: [{ gateway: 'default', role: 'viewer' }] };
      const made = await here.ask(root, 'POST keys', body);
      const { id, key } = made.body as { id: string; key: string };
      expect([made.status, made.etag, made.body]).toMatchObject([
        201,
        '"1"',
        { ...body, type: 'admin', expires: null },
      ]);
      const read = await here.ask(root, `GET keys/${id}`);
      const list = await here.ask(root, `GET keys?user=${user.id}`);
      expect([read.etag, list.body.total, (read.answer.text + list.answer.text).includes(key)]).toEqual([
        '"1"',
        1,
        false,
      ]);
      const statuses = async (site: AdminSite) =>
        Promise.all(['GET sessions', 'GET users'].map(async (line) => (await site.ask({ key }, line)).status));
      expect([await statuses(here), await statuses(there)]).toEqual([
        [200, 403],
        [200, 403],
      ]);
      expect((await here.ask({ key }, 'GET me')).body).toMatchObject({ key: id, role: 'viewer' });
      expect((await here.ask({ key }, 'POST logout')).status).toBe(400);
      expect((await here.ask(root, `DELETE keys/${id}`, undefined, { 'if-match': '"2"' })).status).toBe(412);
      expect((await here.ask(root, `DELETE keys/${id}`)).status).toBe(204);
      expect(await statuses(here)).toEqual([401, 401]);
      await until(async () => (await there.ask({ key }, 'GET sessions')).status === 401, 1000);
    });
    it('never has more than its user', async () => {
      const { user } = await here.administrator(root, fresh('admin'), 'default:viewer');
      const roles = [{ gateway: '*', role: 'admin' }];
      const { body } = await here.ask(root, 'POST keys', { user: user.id, roles });
      expect((await here.ask({ key: body['key'] as string }, 'GET users')).status).toBe(403);
    });
    it('of a user of another type is none here', async () => {
      const { id } = await addUser({ roles: ['*:admin'] });
      const { body } = await here.ask(root, 'POST keys', { user: id });
      expect(errorOf(await here.ask({ key: body['key'] as string }, 'GET me'))).toEqual(INVALID);
    });
    it.each([
      [{ user: UUID }, 404],
      [{}, 400],
      [{ user: 5 }, 400],
      [{ user: 'x', expires: '2001-01-01T00:00:00Z' }, 404],
      [{ user: 'x', expires: 'soon' }, 400],
      [{ user: 'x', key: 'mine' }, 400],
    ])('%j answers %i', async (body, status) => {
      expect((await here.ask(root, 'POST keys', body)).status).toBe(status);
    });
  });

  describe('what is sent', () => {
    it.each([
      ['no JSON', '{"username":', 400],
      ['an array', '[]', 400],
      ['a text', '"x"', 400],
      ['two of one name, of which the last counts', '{"username":5,"username":"twice","type":"user"}', 201],
      ['__proto__', '{"username":"p","type":"user","__proto__":{"disabled":true}}', 400],
      ['constructor', '{"username":"p","type":"user","constructor":{"prototype":{}}}', 400],
      ['constructor in a profile', '{"username":"p","type":"user","profile":{"constructor":{"a":1}}}', 201],
      ['nested without end', `{"username":"n","type":"user","profile":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}`, 400],
      ['of more than 64 KiB', JSON.stringify({ username: 'x', profile: 'x'.repeat(70_000) }), 413],
    ])('as %s is answered as it should', async (_title, body, status) => {
      expect((await here.ask(root, 'POST users', body)).status).toBe(status);
      expect((await here.ask(root, 'GET me')).body['role']).toBe('admin');
    });
    it('as something else than JSON is 415', async () => {
      const headers = { 'content-type': 'text/plain' };
      expect((await here.ask(root, 'POST users', '{"username":"x"}', headers)).status).toBe(415);
    });
    it('is read of nobody who may not write', async () => {
      const { status } = await here.ask(byRole.get('viewer')!, 'POST users', 'x'.repeat(3_000_000));
      expect(status).toBe(403);
    });
  });
}
