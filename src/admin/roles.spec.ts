import { describe, expect, it } from '@jest/globals';
import { Authority, type AdminRole, grantedRole } from './roles.js';

const of = (...roles: string[]): Authority => new Authority(roles, null);

describe('the role of an administrator on a gateway', () => {
  it.each<[string, string[], AdminRole | null]>([
    ['is that of the gateway', ['shop:editor'], 'editor'],
    ['is the highest of several', ['shop:viewer', 'shop:operator', 'shop:editor'], 'operator'],
    ['is that of all gateways as well', ['*:admin', 'shop:viewer'], 'admin'],
    ['is none of another gateway', ['bank:admin'], null],
    ['is none that nobody knows', ['shop:king', 'shop:', 'shop:ADMIN', 'shop:admin '], null],
    ['is none without a gateway', ['admin'], null],
    ['is none without roles', [], null],
  ])('%s', (_title, roles, expected) => {
    expect(of(...roles).roleAt('shop')).toBe(expected);
  });
  it('is told apart where ids of gateways hold colons', () => {
    expect([of('a:b:admin').roleAt('a:b'), of('a:b:admin').roleAt('a')]).toEqual(['admin', null]);
    expect(grantedRole('a:b:admin')).toEqual({ gateway: 'a:b', role: 'admin' });
  });
  it('includes what lesser roles may', () => {
    const may = (role: AdminRole) => of('shop:operator').has(role, 'shop');
    expect([may('viewer'), may('editor'), may('operator'), may('admin')]).toEqual([true, true, true, false]);
  });
  it('of all gateways is none that one gateway gives', () => {
    expect([of('shop:admin').roleAt('*'), of('*:viewer').roleAt('*')]).toEqual([null, 'viewer']);
  });
});

describe('an API key', () => {
  it.each<[string[], string[], AdminRole | null]>([
    [['*:admin'], ['*:viewer'], 'viewer'],
    [['*:admin'], ['shop:operator'], 'operator'],
    [['shop:viewer'], ['*:admin'], 'viewer'],
    [['*:admin'], ['bank:admin'], null],
    [[], ['*:admin'], null],
  ])('of a user with %j and with %j itself has %s', (user, key, expected) => {
    expect(new Authority(user, key).roleAt('shop')).toBe(expected);
  });
});

describe('what an administrator may give and take', () => {
  it.each<[string[], string[], boolean]>([
    [['*:admin'], ['*:admin', 'shop:viewer', 'odd'], true],
    [['shop:admin'], ['shop:admin', 'shop:viewer'], true],
    [['shop:admin'], ['shop:viewer', 'bank:viewer'], false],
    [['shop:admin'], ['*:viewer'], false],
    [['shop:admin'], ['odd'], false],
    [['*:operator'], ['shop:viewer'], false],
    [['shop:admin'], [], true],
  ])('%j covers %j: %s', (had, roles, expected) => {
    expect(of(...had).covers(roles)).toBe(expected);
  });
});
