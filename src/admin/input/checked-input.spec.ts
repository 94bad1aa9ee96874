import { describe, expect, it } from '@jest/globals';
import type { Refused } from '../../low-rate/refused.js';
import { NewKeyDto } from '../keys/key.dto.js';
import { NewUserDto, UserChangeDto, UserListQuery, UserReplacementDto } from '../users/user.dto.js';
import { checkedInput } from './checked-input.js';

type Class = new () => object;
/** Pointers of all faults; none: it is taken. */
function faultsAt(Dto: Class, value: unknown): readonly string[] {
  try {
    checkedInput(Dto, value);
    return [];
  } catch (error) {
    const { payload } = (error as Refused).options;
    return (payload as { faults: { pointer: string }[] }).faults.map(({ pointer }) => pointer);
  }
}
const user = (rest: object) => ({ username: 'ed', type: 'admin', ...rest });
const json = (text: string): unknown => JSON.parse(text);

describe('what is sent', () => {
  it.each([null, [], 'text', 7, true, [{ username: 'ed' }]])('is no object: %j', (value) => {
    expect(faultsAt(NewUserDto, value)).toEqual(['']);
  });
  it('is told of with every fault at once', () => {
    const roles = [{ gateway: 5, role: 'x', more: 1 }, 7, { gateway: '*' }];
    expect(faultsAt(NewUserDto, { username: '', password: 5, roles, isAdmin: true, disabled: 'yes' })).toEqual([
      ...['/isAdmin', '/username', '/type', '/password', '/roles/0/more', '/roles/0/gateway'],
      ...['/roles/1', '/roles/2/role', '/disabled'],
    ]);
  });
  it.each([
    ['at the top', '{"username":"ed","type":"admin","__proto__":{"disabled":true}}', '/__proto__'],
    ['in a role', '{"username":"ed","type":"admin","roles":[{"__proto__":{}}]}', '/roles/0/__proto__'],
    ['in a profile', '{"username":"ed","type":"admin","profile":{"a":{"__proto__":1}}}', '/profile/a/__proto__'],
  ])('holds no __proto__: %s', (_title, text, pointer) => {
    expect(faultsAt(NewUserDto, json(text))).toEqual([pointer]);
    expect(({} as { disabled?: boolean }).disabled).toBeUndefined();
  });
  it.each(['constructor', 'toString', 'id', 'version', 'hasOtp', 'createdAt', 'passwordHash', 'a/b~'])(
    'has no member that is not named: %s',
    (name) => {
      expect(faultsAt(NewUserDto, user({ [name]: 'x' }))).toEqual([`/${name.replace('~', '~0').replace('/', '~1')}`]);
      expect(faultsAt(NewUserDto, user({ roles: [{ gateway: '*', role: 'x', [name]: 'x' }] }))).toHaveLength(1);
    },
  );
  it('is bounded', () => {
    const roles = Array.from({ length: 101 }, () => 'x');
    expect(faultsAt(NewUserDto, user({ username: 'x'.repeat(257) }))).toEqual(['/username']);
    expect(faultsAt(NewUserDto, user({ password: 'x'.repeat(513) }))).toEqual(['/password']);
    expect(faultsAt(NewUserDto, user({ roles }))).toEqual(['/roles']);
    expect(faultsAt(NewUserDto, user({ profile: { text: 'x'.repeat(16_384) } }))).toEqual(['/profile']);
  });
  it('may leave out what is optional, but not say null', () => {
    expect(faultsAt(NewUserDto, user({}))).toEqual([]);
    expect(faultsAt(NewUserDto, user({ password: null, roles: null, profile: null }))).toEqual([
      ...['/password', '/roles', '/profile'],
    ]);
    expect(faultsAt(NewKeyDto, { user: 'x', expires: null })).toEqual([]);
  });
  it('replaces a user only with its name', () => {
    expect([faultsAt(UserReplacementDto, {}), faultsAt(UserChangeDto, {})]).toEqual([['/username'], []]);
  });
  it('keeps a profile as it came', () => {
    const profile = json('{"constructor":1,"n":[1,{"deep":null}],"roles":["x"]}');
    expect((checkedInput(UserChangeDto, { profile }) as { profile: unknown }).profile).toEqual(profile);
  });
  it.each(['2030-02-30', 'tomorrow', '2030-01-01', 5, '9999999-01-01T00:00:00Z', "2030-01-01T00:00:00Z'"])(
    'has no end that is no moment: %s',
    (expires) => {
      expect(faultsAt(NewKeyDto, { user: 'x', expires })).toEqual(['/expires']);
    },
  );
});

describe('a query', () => {
  it('has numbers and booleans as text', () => {
    expect(checkedInput(UserListQuery, { skip: '5', limit: '10', disabled: 'true', sort: '-createdAt' })).toEqual({
      ...{ skip: 5, limit: 10, disabled: true, sort: '-createdAt' },
    });
  });
  it.each([
    ['skip', '-1'],
    ['skip', '1e3'],
    ['skip', ['1', '2']],
    ['limit', '0'],
    ['limit', '1001'],
    ['limit', ''],
    ['sort', 'password'],
    ['sort', 'username; DROP TABLE'],
    ['disabled', 'yes'],
    ['type', "admin' OR '1'='1"],
    ['search', 'a\u0000b'],
    ['nonsense', 'x'],
  ])('refuses %s=%j', (name, value) => {
    expect(faultsAt(UserListQuery, { [name]: value })).toEqual([`/${name}`]);
  });
});
