import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryIdentities } from '../../../test/support/memory-identities.js';
import { Authority } from '../roles.js';
import { GovernedKeys } from './governed-keys.js';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const actor = (...roles: string[]) => ({ name: 'ada', authority: new Authority(roles, null) });
const ROOT = actor('*:admin');

let identities: MemoryIdentities;
let keys: GovernedKeys;
let logged: string[];
beforeEach(() => {
  identities = new MemoryIdentities();
  logged = [];
  keys = new GovernedKeys(
    identities,
    (...line) => logged.push(JSON.stringify(line)),
    () => NOW,
  );
});
const add = (...roles: string[]) => identities.createUser({ type: 'admin', username: 'ed', password: null, roles });
const refusal = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: { error?: string; status?: number }) => error.error ?? error.status,
  );

describe('an API key', () => {
  it('is told once, and stands in no list and no log', async () => {
    const user = await add('shop:viewer');
    const made = await keys.create({ user: user.id, name: 'cron' }, ROOT);
    expect(made).toMatchObject({
      user: user.id,
      name: 'cron',
      expires: null,
      roles: [{ gateway: 'shop', role: 'viewer' }],
    });
    const others = [await keys.list({ skip: 0, limit: 10, sort: '-createdAt' }), await keys.get(made.id), logged];
    expect(JSON.stringify(others)).not.toContain(made.key);
  });
  it('ends at a moment to come, or never', async () => {
    const { id } = await add();
    const create = (expires: string | null) => refusal(keys.create({ user: id, expires }, ROOT));
    expect([await create('2030-01-01T00:00:01Z'), await create(null)]).toEqual([null, null]);
    expect(await create('2030-01-01T00:00:00Z')).toBe('INPUT_INVALID');
  });
  it('of nobody is refused', async () => {
    expect(await refusal(keys.create({ user: 'nobody' }, ROOT))).toBe(404);
  });
  it('with a role that administrators have not is refused', async () => {
    const { id } = await add('shop:viewer');
    const roles = [{ gateway: 'shop', role: 'king' }];
    expect(await refusal(keys.create({ user: id, roles }, ROOT))).toBe('INPUT_INVALID');
  });
  it('is neither made nor deleted by an administrator whose gateways are fewer than those of its user', async () => {
    const { id } = await add('*:admin');
    const made = await keys.create({ user: id }, ROOT);
    const shop = actor('shop:admin');
    expect(await refusal(keys.create({ user: id, roles: [] }, shop))).toBe('ROLE_MISSING');
    expect(await refusal(keys.delete(made.id, { by: shop, precondition: null }))).toBe('ROLE_MISSING');
  });
  it('never changes: each is of version 1', async () => {
    const { id } = await add();
    const made = await keys.create({ user: id }, ROOT);
    const remove = (precondition: readonly number[]) => refusal(keys.delete(made.id, { by: ROOT, precondition }));
    expect([await remove([2]), await remove([]), await remove([2, 1])]).toEqual([
      'RECORD_CHANGED',
      'RECORD_CHANGED',
      null,
    ]);
    expect(await refusal(keys.get(made.id))).toBe(404);
  });
});
