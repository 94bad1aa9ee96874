import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryIdentities } from '../../../test/support/memory-identities.js';
import type { Actor } from '../administrator.js';
import type { Precondition } from '../input/if-match.js';
import { Authority } from '../roles.js';
import { GovernedUsers } from './governed-users.js';
import type { RoleDto } from './role.dto.js';

const role = (gateway: string, name: string): RoleDto => ({ gateway, role: name });
const actor = (...roles: string[]): Actor => ({ name: 'ada', authority: new Authority(roles, null) });
const ROOT = actor('*:admin');
const by = (who: Actor, precondition: Precondition = null) => ({ by: who, precondition });
const PASSWORD = 'correct horse';

let identities: MemoryIdentities;
let users: GovernedUsers;
let logged: string[];
beforeEach(() => {
  identities = new MemoryIdentities();
  logged = [];
  users = new GovernedUsers(identities, (level, message, fields) =>
    logged.push(`${level} ${message} ${JSON.stringify(fields)}`),
  );
});

const add = (username: string, roles: readonly string[] = [], type = 'admin') =>
  identities.createUser({ type, username, password: PASSWORD, roles });
/** Name of the error that it ends with. */
const refusal = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: { error?: string; status?: number }) => error.error ?? error.status,
  );

describe('a user that is created', () => {
  it('is shown with its roles by gateway, and without its password', async () => {
    const made = await users.create(
      { type: 'admin', username: 'ed', password: PASSWORD, roles: [role('shop', 'editor')] },
      ROOT,
    );
    expect(made).toMatchObject({ username: 'ed', roles: [{ gateway: 'shop', role: 'editor' }], version: 1 });
    expect(JSON.stringify([made, logged])).not.toContain(PASSWORD);
    expect(identities.stored.get(made.id)!.roles).toEqual(['shop:editor']);
  });
  it('of another type has plain roles, shown for all gateways', async () => {
    const made = await users.create({ type: 'user', username: 'ed', roles: [role('*', 'clerk')] }, ROOT);
    expect([made.roles, identities.stored.get(made.id)!.roles]).toEqual([[role('*', 'clerk')], ['clerk']]);
  });
  it.each([
    ['a role that administrators have not', 'admin', role('shop', 'king')],
    ['a role of one gateway for a user of another type', 'user', role('shop', 'clerk')],
  ])('is refused with %s', async (_title, type, wrong) => {
    expect(await refusal(users.create({ type, username: 'ed', roles: [wrong] }, ROOT))).toBe('INPUT_INVALID');
    expect(identities.stored.size).toBe(0);
  });
});

describe('an administrator of one gateway', () => {
  const SHOP = actor('shop:admin');

  it('gives roles on it', async () => {
    const made = await users.create({ type: 'admin', username: 'ed', roles: [role('shop', 'admin')] }, SHOP);
    const { roles } = await users.change(made.id, { roles: [role('shop', 'viewer')] }, by(SHOP));
    expect(roles).toEqual([role('shop', 'viewer')]);
  });
  it.each(['bank', '*'])('gives none on %s', async (gateway) => {
    const self = await add('self', ['shop:admin']);
    const roles = [role('shop', 'admin'), role(gateway, 'viewer')];
    expect(await refusal(users.create({ type: 'admin', username: 'ed', roles }, SHOP))).toBe('ROLE_MISSING');
    expect(await refusal(users.change(self.id, { roles }, by(SHOP)))).toBe('ROLE_MISSING');
  });
  it.each(['bank:viewer', '*:admin'])('takes over nobody who has %s', async (text) => {
    const other = await add('other', ['shop:viewer', text]);
    expect(await refusal(users.change(other.id, { password: 'another horse' }, by(SHOP)))).toBe('ROLE_MISSING');
    expect(await refusal(users.change(other.id, { roles: [] }, by(SHOP)))).toBe('ROLE_MISSING');
    expect(await refusal(users.replace(other.id, { username: 'x' }, by(SHOP)))).toBe('ROLE_MISSING');
    expect(await refusal(users.delete(other.id, by(SHOP)))).toBe('ROLE_MISSING');
  });
  it('takes over nobody who is given a role elsewhere at that moment', async () => {
    const other = await add('other', ['shop:viewer']);
    identities.meanwhile = () => {
      identities.meanwhile = null;
      identities.stored.set(other.id, { ...other, roles: ['*:admin'], version: 2 });
    };
    expect(await refusal(users.change(other.id, { password: 'another horse' }, by(SHOP)))).toBe('ROLE_MISSING');
    expect(identities.passwords.get(other.id)).toBe(PASSWORD);
  });
  it('changes users of other types, whatever roles they have', async () => {
    const { id } = await add('clerk', ['admin', 'a:b'], 'user');
    expect(await refusal(users.change(id, { disabled: true }, by(SHOP)))).toBeNull();
  });
});

describe('the last administrator of all gateways', () => {
  it.each([
    ['loses the role', (id: string) => users.change(id, { roles: [role('*', 'operator')] }, by(ROOT))],
    ['is disabled', (id: string) => users.change(id, { disabled: true }, by(ROOT))],
    ['is replaced without roles', (id: string) => users.replace(id, { username: 'root' }, by(ROOT))],
    ['is deleted', (id: string) => users.delete(id, by(ROOT))],
  ])('is never one who %s', async (_title, work) => {
    const { id } = await add('root', ['*:admin']);
    await add('sleeper', ['*:admin']).then((other) => identities.changeUser(other.id, { disabled: true }, null));
    await add('shop', ['shop:admin']);
    expect(await refusal(work(id))).toBe('LAST_ADMINISTRATOR');
  });
  it('may go where there is another', async () => {
    const { id } = await add('root', ['*:admin']);
    await add('other', ['*:admin', 'shop:viewer']);
    expect(await refusal(users.delete(id, by(ROOT)))).toBeNull();
  });
  it('may change in every other way', async () => {
    const { id } = await add('root', ['*:admin']);
    const change = { password: 'another horse', username: 'boss', roles: [role('*', 'admin'), role('shop', 'viewer')] };
    expect(await refusal(users.change(id, change, by(ROOT)))).toBeNull();
  });
});

describe('a change', () => {
  it('leaves what is not sent as it is, and the password, too', async () => {
    const { id } = await add('ed', ['shop:viewer']);
    await users.change(id, { profile: { team: 'a' } }, by(ROOT));
    expect(identities.stored.get(id)).toMatchObject({ username: 'ed', roles: ['shop:viewer'], profile: { team: 'a' } });
    expect(identities.passwords.get(id)).toBe(PASSWORD);
  });
  it('that replaces gives what is not sent its default', async () => {
    const { id } = await add('ed', ['shop:viewer']);
    await users.change(id, { profile: { team: 'a' }, disabled: true }, by(ROOT));
    expect(await users.replace(id, { username: 'eddie' }, by(ROOT))).toMatchObject({
      ...{ username: 'eddie', roles: [], disabled: false, profile: {} },
    });
    expect(identities.passwords.get(id)).toBe(PASSWORD);
  });
  it('takes a user back as it was shown', async () => {
    const { id } = await add('ed', ['shop:viewer']);
    const shown = await users.get(id);
    expect(await refusal(users.replace(id, { ...shown, username: 'eddie' }, by(ROOT)))).toBeNull();
  });
  it.each([
    ['id', 'x'],
    ['type', 'user'],
    ['hasOtp', true],
    ['createdAt', '2000-01-01T00:00:00Z'],
  ])('of %s is refused', async (name, value) => {
    const { id } = await add('ed');
    expect(await refusal(users.change(id, { [name]: value }, by(ROOT)))).toBe('INPUT_INVALID');
  });
  it('based on another version is refused, also where the version stands in the body', async () => {
    const { id } = await add('ed');
    expect(await refusal(users.change(id, { disabled: true }, by(ROOT, [7])))).toBe(412);
    expect(await refusal(users.change(id, { disabled: true, version: 7 }, by(ROOT)))).toBe('RECORD_CHANGED');
    expect(await refusal(users.change(id, { disabled: true, version: 1 }, by(ROOT, [1])))).toBeNull();
  });
  it('that is based on nothing is made again where another was faster', async () => {
    const user = await add('ed');
    let others = 3;
    identities.meanwhile = () => {
      const now = identities.stored.get(user.id)!;
      if (others-- > 0) identities.stored.set(user.id, { ...now, version: now.version + 1 });
    };
    expect(await users.change(user.id, { disabled: true }, by(ROOT))).toMatchObject({ disabled: true, version: 5 });
  });
  it('that always comes too late ends', async () => {
    const user = await add('ed');
    identities.meanwhile = () => {
      const now = identities.stored.get(user.id)!;
      identities.stored.set(user.id, { ...now, version: now.version + 1 });
    };
    expect(await refusal(users.change(user.id, { disabled: true }, by(ROOT)))).toBe(412);
  });
  it('is in the log with who made it', async () => {
    const { id } = await add('ed');
    await users.change(id, { password: 'another horse' }, by(ROOT));
    await users.delete(id, by(ROOT));
    expect(logged).toEqual([
      `info A user was changed. {"by":"ada","user":"${id}","type":"admin","username":"ed"}`,
      `info A user was deleted. {"by":"ada","user":"${id}","type":"admin","username":"ed"}`,
    ]);
  });
});
