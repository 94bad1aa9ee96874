import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClaimRecord } from '../../../contracts/records.js';
import { faultOf, parsedAsWritten } from '../../json/json-text.js';
import { claimPlanOf } from './claim-plan.js';
import { payloadText } from './payload-text.js';

const compiled = (...claims: ClaimRecord[]) => claimPlanOf(claims, '/claims');
const plan = (...claims: ClaimRecord[]) => compiled(...claims).plan;
const answer = {
  user: { id: '7', roles: ['admin'], email: 'a@b.c', age: '41' },
  token: { access_token: 't' },
  access: { sub: 's7', limit: 5 },
};

describe('on issue, a claim', () => {
  it.each<[string, ClaimRecord, unknown]>([
    ['is its constant value', { value: 'web', source: 'user.id' }, 'web'],
    ['else what source names', { source: 'access.sub', element: 'user.id' }, 's7'],
    ['with $. or not', { source: '$.token.access_token' }, 't'],
    ['else what element names', { element: 'user.email' }, 'a@b.c'],
    ['is converted to its class', { source: 'user.age', class: 'java.lang.Integer' }, 41],
    ['is a list of its class', { source: 'user.roles', class: '[Ljava.lang.String;' }, ['admin']],
    ['is as it is without a class', { source: 'access' }, { sub: 's7', limit: 5 }],
    ['is missing where nothing stands', { source: 'user.name', element: 'user.id' }, undefined],
    ['is missing without value, source and element', { metaElement: 'x' }, undefined],
  ])('%s', (_what, claim, value) => {
    expect(plan({ name: 'c', ...claim }).issue(answer)).toEqual({
      claims: value === undefined ? { roles: ['admin'] } : { c: value, roles: ['admin'] },
      unconverted: [],
    });
  });
  it('that is null in the answer is missing', () => {
    expect(plan({ name: 'c', source: 'a' }).issue({ a: null }).claims).toEqual({});
  });
  it('that cannot be converted is left out and named', () => {
    expect(plan({ name: 'c', source: 'user.email', class: 'Integer' }).issue(answer)).toMatchObject({
      claims: { roles: ['admin'] },
      unconverted: ['c'],
    });
  });
  it('without a name is called by its element', () => {
    expect(plan({ element: 'user.id' }).issue(answer).claims).toMatchObject({ 'user.id': '7' });
  });
  it('never sets what the gateway itself writes', () => {
    expect(plan({ name: 'exp', value: 1 }, { name: 'iss', source: 'user.id' }).issue({}).claims).toEqual({});
  });
  it('has the first value where it stands twice', () => {
    const claims = [
      { name: 'c', source: 'x' },
      { name: 'c', value: 1 },
      { name: 'c', value: 2 },
    ];
    expect(plan(...claims).issue({}).claims).toEqual({ c: 1 });
  });
});

describe('on a request, a claim', () => {
  const applied = (claim: ClaimRecord, value: unknown) => plan({ name: 'c', ...claim }).apply({ c: value });

  it('is put into the payload at element', () => {
    const { payload, payloadTail } = applied({ element: 'user.id' }, '7');
    expect(payload).toEqual([{ path: ['user', 'id'], value: '7', text: '"7"' }]);
    expect(payloadTail).toBe(',"user":{"id":"7"}');
  });
  it('is put into requestMeta.claims at metaElement, objects made on the way', () => {
    const claims = plan({ name: 'a', metaElement: 'user.id' }, { name: 'b', metaElement: 'user.name' });
    expect(claims.apply({ a: '7', b: 'x' }).claimsText).toBe('{"user":{"id":"7","name":"x"}}');
    expect(claims.apply({}).claimsText).toBe('{}');
  });
  it.each([
    ['ORIGIN_ID', 'originId'],
    ['ORIGIN_TYPE', 'originType'],
    ['SESSION_ID', 'sessionId'],
  ] as const)('of special %s is the %s', (special, field) => {
    expect([applied({ special }, 'x')[field], applied({ special }, 7)[field]]).toEqual(['x', '7']);
    expect([applied({ special }, '')[field], applied({ special }, ['x'])[field]]).toEqual([null, null]);
    expect(plan({ name: 'c', special }).apply({})[field]).toBeNull();
  });
  it('of special ORIGIN_ID keeps the digits of a long number', () => {
    expect(applied({ special: 'ORIGIN_ID', class: 'Long' }, '9007199254740993').originId).toBe('9007199254740993');
  });
  it('comes from the token, also where the record has a constant', () => {
    expect(applied({ value: 'new', element: 'user.x' }, 'old').payload).toMatchObject([{ value: 'old' }]);
  });
  it('is converted to its class, digits kept', () => {
    expect(applied({ element: 'limit', class: 'BigDecimal' }, '1.10').payloadTail).toBe(',"limit":1.10');
  });
  it('that cannot be converted is left out and named', () => {
    expect(applied({ element: 'user.x', metaElement: 'x', class: 'Integer' }, 'five')).toMatchObject({
      payload: [],
      payloadTail: '',
      claimsText: '{}',
      unconverted: ['c'],
    });
  });
  it('is read only from what the token itself has', () => {
    expect(plan({ name: 'toString', element: 'x' }).apply({}).payload).toEqual([]);
  });
  it('comes back from the token as it was issued', () => {
    const claims = plan({ name: 'c', source: 'limit', element: 'limit', class: 'BigDecimal' });
    const token = JSON.parse(JSON.stringify(claims.issue(parsedAsWritten('{"limit":123456789.10}') as never).claims));
    expect(claims.apply(token).payloadTail).toBe(',"limit":123456789.10');
  });
});

describe('the roles of a user', () => {
  it.each<[string, ClaimRecord[]]>([
    [
      'the claim of special ROLES',
      [
        { name: 'x', element: 'user.roles' },
        { name: 'c', special: 'ROLES' },
      ],
    ],
    ['else the first with element user.roles', [{ name: 'roles' }, { name: 'c', element: '$.user.roles' }]],
    ['else the one with metaElement roles', [{ name: 'x' }, { name: 'c', metaElement: 'roles' }]],
  ])('are %s', (_which, claims) => {
    const { roles } = plan(...claims).apply({ c: ['right'], x: ['wrong'], roles: ['wrong'] });
    expect(roles).toEqual(['right']);
  });
  it('are else the one called roles, else the claim roles of the token', () => {
    for (const claims of [[{ name: 'roles', metaElement: 'x' }], []])
      expect(plan(...claims).apply({ roles: 'a, b' }).roles).toEqual(['a', 'b']);
  });
  it("are else the resolved user's, kept in the token as roles", () => {
    const without = plan({ name: 'c', element: 'user.id' });
    const { claims } = without.issue({ user: { id: '7', roles: ' admin,editor ' } });
    expect([claims.roles, without.apply(claims).roles]).toEqual([
      ['admin', 'editor'],
      ['admin', 'editor'],
    ]);
  });
  it('may be a comma-separated text of a claim whose class is a list', () => {
    const claims = plan({ name: 'r', special: 'ROLES', class: 'java.lang.String[]', source: 'user.roles' });
    expect(claims.issue({ user: { roles: 'a, b' } }).claims).toEqual({ r: ['a', 'b'] });
    expect(claims.apply({ r: 'a,b' }).roles).toEqual(['a', 'b']);
  });
  it('are none where the claim that has them is not in the token, whatever else there is', () => {
    expect(plan({ name: 'c', special: 'ROLES' }).apply({ roles: ['admin'] }).roles).toEqual([]);
  });
});

describe('a claim with remove', () => {
  it('is taken out of the answer at its source, others stay', () => {
    const claims = plan({ name: 'a', source: 'user.email', element: 'user.id', remove: true }, { element: 'user.age' });
    const copy = structuredClone(answer);
    claims.removeFrom(copy);
    const { email: _email, ...user } = answer.user;
    expect(copy).toEqual({ ...answer, user });
  });
  it('is taken out at its element where it has no source', () => {
    const copy = { user: { id: '7', name: 'x' } };
    plan({ element: 'user.id', remove: true }).removeFrom(copy);
    expect(copy).toEqual({ user: { name: 'x' } });
  });
  it('that is not in the answer takes nothing out', () => {
    const copy = { a: [] };
    plan({ element: 'a.b.c', remove: true }).removeFrom(copy);
    expect(copy).toEqual({ a: [] });
  });
});

describe('a plan', () => {
  it('names the claims of the specials, and the one for the id of a guest', () => {
    const { names, guestIdName } = plan(
      { name: 't', special: 'ORIGIN_TYPE', value: 'user' },
      { name: 'i', special: 'ORIGIN_ID', element: 'user.id' },
      { name: 's', special: 'SESSION_ID' },
    );
    expect([names, guestIdName]).toEqual([{ ORIGIN_ID: 'i', ORIGIN_TYPE: 't', SESSION_ID: 's', ROLES: null }, 'i']);
  });
  it.each([{ value: 'x' }, { source: 'user.id' }])('has no claim for the id of a guest with %j', (field) => {
    expect(plan({ name: 'i', special: 'ORIGIN_ID', ...field }).guestIdName).toBeNull();
  });
  it('tells where clients must never set anything', () => {
    expect(plan({ element: '$.user.id' }, { name: 'x' }, { element: 'parameters.owner' }).payloadElements).toEqual([
      ['user', 'id'],
      ['parameters', 'owner'],
    ]);
  });
  it.each<[string, ClaimRecord, string]>([
    ['an unknown class', { name: 'c', class: 'java.lang.Strin' }, '/claims/0/class'],
    ['an unknown special', { name: 'c', special: 'USER' }, '/claims/0/special'],
    ['a source that cannot be read', { name: 'c', source: '$..id' }, '/claims/0/source'],
    ['an element in a list', { name: 'c', element: 'user[0]' }, '/claims/0/element'],
    ['an element that every object has', { name: 'c', element: '__proto__.x' }, '/claims/0/element'],
    ['a metaElement that every object has', { name: 'c', metaElement: 'a.constructor' }, '/claims/0/metaElement'],
    ['a value that is not of its class', { name: 'c', value: 'x', class: 'Integer' }, '/claims/0/value'],
    ['no name at all', { value: 'x' }, '/claims/0/name'],
    ['a name that every object has', { name: '__proto__' }, '/claims/0/name'],
  ])('is at fault with %s', (_what, claim, pointer) => {
    expect(compiled(claim).faults).toEqual([{ pointer, message: expect.stringMatching(/\.$/) }]);
  });
  it('warns of a name that stands twice, and of one that the gateway writes itself', () => {
    const { faults, warnings } = compiled(
      { name: 'c', value: 1 },
      { name: 'c', value: 2 },
      { name: 'exp', source: 'x' },
    );
    expect([faults, warnings.map(({ pointer }) => pointer)]).toEqual([[], ['/claims/1/name', '/claims/2/name']]);
  });
});

it('whatever the token and the answer hold, nothing throws', () => {
  const claims = plan(
    { name: 'a', element: 'parameters.a', class: 'Integer', special: 'ORIGIN_ID' },
    { name: 'b', element: 'user', metaElement: 'x', remove: true },
    { name: 'c', element: 'user.id', metaElement: 'x.y', class: 'String[]', special: 'ROLES' },
  );
  const token = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'user', 'roles', '__proto__'), fc.anything());
  fc.assert(
    fc.property(token, fc.json(), (values, sent) => {
      const applied = claims.apply(values);
      expect(faultOf(applied.claimsText, null)).toBeNull();
      expect(faultOf(payloadText(sent, applied), null)).toBeNull();
      expect(() => JSON.stringify(claims.issue(values).claims)).not.toThrow();
      claims.removeFrom(values);
    }),
    { numRuns: 500 },
  );
});
