import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeControl, FakeEdits } from '../../test/support/control-fakes.js';
import { MemoryIdentities } from '../../test/support/memory-identities.js';
import { GovernedKeys } from '../admin/keys/governed-keys.js';
import { DirectAdministration } from '../admin/local-administration.js';
import { GovernedUsers } from '../admin/users/governed-users.js';
import { ControlServer } from '../control-socket/control-server.js';
import { FolderLock } from '../storage/embedded/folder-lock.js';
import { run } from './sluice.js';

let cwd: string;
let identities: MemoryIdentities;
let gateway: ControlServer;
let lock: FolderLock;
let logged: string[];
/** A gateway that runs, and holds its embedded database. */
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'sluice-users-'));
  const folder = join(cwd, 'data');
  mkdirSync(folder, { mode: 0o700 });
  identities = new MemoryIdentities();
  logged = [];
  const log = (...line: unknown[]): void => void logged.push(JSON.stringify(line));
  const governed = { users: new GovernedUsers(identities, log), keys: new GovernedKeys(identities, log, Date.now) };
  const administration = new DirectAdministration(governed);
  gateway = new ControlServer({ folder, control: new FakeControl(), edits: new FakeEdits(), administration, log });
  await gateway.open();
  lock = FolderLock.take(join(folder, 'postgres'));
});
afterEach(async () => {
  await gateway.close();
  lock.release();
  rmSync(cwd, { recursive: true, force: true });
});

interface Sitting {
  /** Piped in. */
  readonly input?: string;
  /** Typed at a terminal, line by line. */
  readonly typed?: readonly string[];
}
async function sluice(argv: readonly string[], { input, typed }: Sitting = {}) {
  const out: string[] = [];
  const errors: string[] = [];
  const lines = [...(typed ?? [])];
  const terminal = {
    ...{ env: {}, cwd, out: (line: string) => out.push(line), error: (line: string) => errors.push(line), exitCode: 0 },
    input: (async function* () {
      if (input !== undefined) yield Buffer.from(input);
    })(),
    ...(typed !== undefined && { askSecret: async () => lines.shift()! }),
  };
  const code = await run(argv, terminal);
  return { code, out: out.join('\n'), errors: errors.join('\n') };
}
const stored = (name: string) => [...identities.stored.values()].find(({ username }) => username === name);
const passwordOf = (name: string) => identities.passwords.get(stored(name)!.id);
const create = (name: string, ...more: string[]) =>
  sluice(['user', 'create', name, ...more], { input: 'correct horse\n' });

describe('sluice user create', () => {
  it('makes an administrator, with the password from standard input', async () => {
    const { code, out, errors } = await create('ada', '--role', '*:admin', '--role', 'shop:viewer');
    expect([code, errors, stored('ada')]).toMatchObject([0, '', { type: 'admin', roles: ['*:admin', 'shop:viewer'] }]);
    expect([passwordOf('ada'), (out + logged.join()).includes('correct horse')]).toEqual(['correct horse', false]);
  });
  it('asks for the password at a terminal, twice', async () => {
    await sluice(['user', 'create', 'ada'], { typed: ['correct horse', 'correct horse'] });
    expect(passwordOf('ada')).toBe('correct horse');
  });
  it.each([
    ['two that differ', { typed: ['correct horse', 'correct house'] }, 1],
    ['an empty one', { typed: [''] }, 1],
    ['none on standard input', { input: '' }, 2],
    ['one that goes on without end', { input: 'x'.repeat(10_000) }, 2],
    ['one that is too short', { input: 'short' }, 1],
  ])('makes nobody with %s', async (_title, sitting, expected) => {
    const { code, errors } = await sluice(['user', 'create', 'ada'], sitting);
    expect([code, errors === '', identities.stored.size]).toEqual([expected, false, 0]);
  });
  it('takes no password as an argument', async () => {
    expect((await sluice(['user', 'create', 'ada', '--password', 'correct horse'])).code).toBe(2);
  });
  it('makes users of other types, and such as have no password', async () => {
    const { code } = await sluice(['user', 'create', 'robot', '--type', 'user', '--no-password', '--role', 'clerk']);
    expect([code, stored('robot')]).toMatchObject([0, { type: 'user', roles: ['clerk'] }]);
    expect(identities.passwords.size).toBe(0);
  });
  it.each([
    [['--role', 'viewer'], 2, 'name the gateway'],
    [['--role', '*:king'], 1, 'viewer, editor, operator, admin'],
  ])('says what is wrong with %j', async (more, expected, words) => {
    const { code, errors } = await create('ada', ...more);
    expect([code, errors]).toEqual([expected, expect.stringContaining(words)]);
  });
});

describe('sluice user get and list', () => {
  it('find by name, whatever its case, and by id', async () => {
    await create('Ada', '--role', '*:admin');
    const { id } = stored('Ada')!;
    for (const name of ['Ada', 'ADA', id])
      expect((await sluice(['user', 'get', name])).out).toContain(`id:      ${id}`);
    const { code, errors } = await sluice(['user', 'get', 'eve']);
    expect([code, errors]).toEqual([1, 'There is no user "eve" of type admin.']);
  });
  it('list users in columns, or as JSON', async () => {
    for (const name of ['ada', 'bob']) await create(name, '--role', '*:admin');
    const { out } = await sluice(['user', 'list']);
    expect(out.split('\n').map((line) => line.split(/ +/).slice(0, 4))).toEqual([
      ['name', 'type', 'roles', 'state'],
      ['ada', 'admin', '*:admin', 'active'],
      ['bob', 'admin', '*:admin', 'active'],
    ]);
    expect(JSON.parse((await sluice(['user', 'list', '--search', 'BO', '--json'])).out)).toMatchObject([
      { username: 'bob' },
    ]);
  });
  it('list more than one page', async () => {
    for (let index = 0; index < 1005; index++)
      await identities.createUser({ type: 'user', username: `u${index}`, password: null });
    expect((await sluice(['user', 'list'])).out.split('\n')).toHaveLength(1006);
    expect((await sluice(['user', 'get', 'u1004', '--type', 'user'])).code).toBe(0);
  });
});

describe('sluice user set', () => {
  beforeEach(async () => void (await create('ada', '--role', '*:admin')));

  it('--password lets in who forgot it', async () => {
    expect((await sluice(['user', 'set', 'ada', '--password'], { input: 'another horse' })).code).toBe(0);
    expect(passwordOf('ada')).toBe('another horse');
  });
  it('changes name, roles and state', async () => {
    await create('root', '--role', '*:admin');
    await sluice(['user', 'set', 'ada', '--username', 'eva', '--role', 'shop:viewer', '--disable']);
    expect(stored('eva')).toMatchObject({ roles: ['shop:viewer'], disabled: true });
    await sluice(['user', 'set', 'eva', '--no-roles', '--enable']);
    expect([stored('eva'), passwordOf('eva')]).toMatchObject([{ roles: [], disabled: false }, 'correct horse']);
  });
  it.each([[[]], [['--disable', '--enable']], [['--role', '*:viewer', '--no-roles']]])('cannot do %j', async (more) => {
    expect((await sluice(['user', 'set', 'ada', ...more])).code).toBe(2);
  });
  it.each([['--disable'], ['--no-roles']])('%s leaves the last administrator as it is', async (option) => {
    const { code, errors } = await sluice(['user', 'set', 'ada', option]);
    expect([code, errors]).toEqual([1, 'the last administrator of all gateways stays']);
  });
});

describe('sluice user delete', () => {
  it('deletes a user, but not the last administrator', async () => {
    for (const name of ['ada', 'bob']) await create(name, '--role', '*:admin');
    expect(await sluice(['user', 'delete', 'ada'])).toMatchObject({ code: 0, out: 'deleted user ada' });
    expect((await sluice(['user', 'delete', 'bob'])).code).toBe(1);
    expect(logged.filter((line) => line.includes('"by":"the command line"'))).toHaveLength(3);
  });
});

describe('sluice key', () => {
  beforeEach(async () => void (await create('ada', '--role', '*:admin')));

  it('create prints the key alone, once', async () => {
    const { code, out, errors } = await sluice(['key', 'create', 'ada', '--role', '*:viewer', '--name', 'cron']);
    const [key] = identities.storedKeys.values();
    expect([code, key, errors.includes(key!.id)]).toMatchObject([0, { roles: ['*:viewer'], name: 'cron' }, true]);
    expect(out).toBe(`${key!.id}.secret`);
    const listed = await sluice(['key', 'list', '--user', 'ada']);
    expect([listed.out.includes(key!.id), listed.out.includes('secret')]).toEqual([true, false]);
  });
  it('delete ends it', async () => {
    await sluice(['key', 'create', 'ada']);
    const [id] = identities.storedKeys.keys() as unknown as [string];
    expect((await sluice(['key', 'delete', id])).code).toBe(0);
    expect(await sluice(['key', 'delete', id])).toMatchObject({ code: 1, errors: 'there is no such record' });
  });
  it.each([
    ['--expires', 'tomorrow'],
    ['--expires', '2001-01-01T00:00:00Z'],
  ])('cannot end by %s %s', async (...more) => {
    expect((await sluice(['key', 'create', 'ada', ...more])).code).toBe(1);
    expect(identities.storedKeys.size).toBe(0);
  });
});
