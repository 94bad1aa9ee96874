import { describe, expect, it } from '@jest/globals';
import { isMeantFor, oidcUser } from './oidc-user.js';

const NOTHING = { access: null, id: null, userinfo: null };

describe('the user of a login', () => {
  it('has the subject as id, the roles of the path, and the claims about the user alone', () => {
    const access = {
      ...{ iss: 'i', aud: 'a', exp: 1, sub: 'u-1', azp: 'gateway', email: 'a@example.org', scope: 'openid' },
      ...{ realm_access: { roles: ['admin', 'clerk'] }, roles: ['forged'], id: 'forged' },
    };
    expect(oidcUser({ ...NOTHING, access }, ['realm_access', 'roles'])).toEqual({
      ...{ id: 'u-1', roles: ['admin', 'clerk'], email: 'a@example.org' },
    });
  });
  it('has roles from the id token or userinfo where the path leads there', () => {
    const claims = { access: { sub: 'u' }, id: { sub: 'u', groups: 'a, b' }, userinfo: { sub: 'u', groups: ['c'] } };
    expect(oidcUser(claims, ['id', 'groups'])!['roles']).toEqual(['a', 'b']);
    expect(oidcUser(claims, ['userinfo', 'groups'])!['roles']).toEqual(['c']);
    expect(oidcUser(claims, ['groups'])!['roles']).toEqual([]);
  });
  it('has roles from userinfo, then from the id token, where the access token says nothing', () => {
    const [id, userinfo] = [
      { sub: 'u', roles: 'i' },
      { sub: 'u', roles: 'o' },
    ];
    expect(oidcUser({ access: null, id, userinfo }, ['roles'])!['roles']).toEqual(['o']);
    expect(oidcUser({ ...NOTHING, id }, ['roles'])!['roles']).toEqual(['i']);
  });
  it.each<[string, object | null, string | undefined]>([
    ['the subject', { sub: 'u', client_id: 'c' }, 'u'],
    ['the client, of a machine', { client_id: 'c', azp: 'z' }, 'c'],
    ['the party, of a machine', { azp: 'z' }, 'z'],
    ['nobody', {}, undefined],
    ['nobody where the subject is empty', { sub: '' }, undefined],
    ['nobody where the subject is no text', { sub: 7 }, undefined],
    ['nobody where there are no claims', null, undefined],
  ])('is %s', (_what, access, id) => {
    expect(oidcUser({ ...NOTHING, access: access as Record<string, unknown> }, ['roles'])?.['id']).toBe(id);
  });
});

describe('an access token', () => {
  it.each<[object, boolean]>([
    [{ aud: 'gateway' }, true],
    [{ aud: ['x', 'gateway'] }, true],
    [{ aud: 'gateway2' }, false],
    [{ aud: ['x'], azp: 'gateway' }, false],
    [{ aud: '', azp: 'gateway' }, false],
    [{ aud: { gateway: true } }, false],
    [{ azp: 'gateway' }, true],
    [{ client_id: 'gateway' }, true],
    [{ azp: 'x', client_id: 'gateway' }, false],
    [{}, false],
  ])('of %j is meant for us: %s', (claims, expected) => expect(isMeantFor('gateway', { ...claims })).toBe(expected));
});
