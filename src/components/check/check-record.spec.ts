import { describe, expect, it } from '@jest/globals';
import type { ComponentKind } from '../../contracts/records.js';
import { checkRecord, resolvedRecord } from './check-record.js';

const check = (kind: ComponentKind, value: unknown) => checkRecord(kind, value, { gatewayId: 'gate' })?.checked;
const aChannel = (fields: object) => check('channel', { id: 'todo', data: { system: 'crud', ...fields } });
const told = (checked: ReturnType<typeof check>) =>
  checked?.findings.map(({ severity, pointer }) => `${severity} ${pointer}`);

describe('a record', () => {
  it('is read as {id, data} and as {id, …fields}', () => {
    const fields = { executor: 'rpc', parameters: { 'server.timeout': 5 } };
    expect(check('system', { id: 'a', data: fields })?.record).toEqual(fields);
    expect(check('system', { id: 'a', ...fields })?.record).toEqual(fields);
  });
  it('may have numbers and booleans written as text', () => {
    const checked = aChannel({ bulkhead: { maxConcurrentCalls: '5' }, canAuditAll: 'true' });
    expect(checked?.record).toMatchObject({ bulkhead: { maxConcurrentCalls: 5 }, canAuditAll: true });
  });
  it('keeps unknown fields, with a warning that guesses what was meant', () => {
    const checked = aChannel({ tagret: '/a' });
    expect(checked?.record).toEqual({ system: 'crud', tagret: '/a' });
    expect(checked?.findings).toMatchObject([
      { severity: 'warning', pointer: '/tagret', message: expect.stringContaining('mean target?') },
    ]);
  });
  it('may have nulls for what is missing', () => {
    expect(aChannel({ authToken: null, paths: { a: { methods: null }, b: null } })?.record).toEqual({
      system: 'crud',
      paths: { '/a': {} },
    });
  });
  it('is at fault as a whole where one rule of one path is wrong, with every fault named', () => {
    const checked = aChannel({ paths: { 'a/b': { isPublic: 'maybe' }, c: { methods: { GET: { roles: 'admin' } } } } });
    expect(checked?.record).toBeNull();
    expect(told(checked)).toEqual(['fault /paths/a~1b/isPublic', 'fault /paths/c/methods/GET/roles']);
  });
  it('has one version for one content, however it is written', () => {
    const one = check('channel', { id: 'a', data: { system: 's', canAuditAll: 'true' } });
    const same = check('channel', { id: 'a', system: 's', canAuditAll: true });
    expect(same?.version).toBe(one?.version);
    expect(check('channel', { id: 'a', system: 't', canAuditAll: true })?.version).not.toBe(one?.version);
  });
  it('is active without status, and as A or ACTIVE, for the gateways that it names', () => {
    const active = (fields: object) => aChannel(fields)?.active;
    expect(
      [{}, { status: 'A' }, { status: 'ACTIVE' }, { status: 'INACTIVE' }, { status: 'active' }].map(active),
    ).toEqual([true, true, true, false, false]);
    expect([{ gateways: [] }, { gateways: ['gate'] }, { gateways: ['other'] }].map(active)).toEqual([
      true,
      true,
      false,
    ]);
  });
  it('with a lookup waits for what it gives, and says nothing of the values until then', () => {
    for (const value of ['${{a}}', '#{{a}}', '$!{{a}}', 'x #!{{a.b}}']) {
      const checked = check('system', { id: 'a', executor: '${{x}}', parameters: { 'server.timeout': value } });
      expect([checked?.record, told(checked)]).toEqual([null, []]);
      expect(checked?.unresolved).toEqual({ executor: '${{x}}', parameters: { 'server.timeout': value } });
    }
  });
  it('with a lookup is checked in full once it is resolved, and has another version with every value', () => {
    const waiting = check('channel', { id: 'a', system: 's', paths: { a: { isPublic: '${{public}}' } } })!;
    const resolved = (isPublic: string) =>
      resolvedRecord(waiting, { fields: { system: 's', paths: { a: { isPublic } } }, problems: [], gatewayId: 'g' });
    expect(resolved('true').record).toMatchObject({ paths: { '/a': { isPublic: true } } });
    expect(told(resolved('maybe'))).toEqual(['fault /paths/a/isPublic']);
    expect(
      new Set([waiting, resolved('true'), resolved('false'), resolved('true')].map(({ version }) => version)).size,
    ).toBe(3);
  });
  it('with a lookup that gives a configuration of the original is read as one', () => {
    const waiting = check('service', { id: 'r', type: 'rate', parameters: { configString: '#{{redis}}' } })!;
    const configString = 'singleServerConfig:\n  address: "redis://cache:6379"\n  password: hush\n';
    const resolved = resolvedRecord(waiting, {
      fields: { type: 'rate', parameters: { configString } },
      problems: [],
      gatewayId: 'g',
    });
    expect(resolved.record).toMatchObject({ parameters: { configString: 'redis://:hush@cache:6379' } });
  });
  it('with a lookup, that cannot be read from the original, is at fault without asking for it', () => {
    const configString = 'replicatedServersConfig:\n  nodeAddresses: ["redis://a:1"]\n';
    const checked = check('service', { id: 'r', type: 'rate', name: '${{name}}', parameters: { configString } });
    expect([checked?.record, checked?.unresolved]).toEqual([null, undefined]);
    expect(told(checked)).toContain('fault /parameters/configString');
  });
  it('with a lookup that gave nothing is at fault where the lookup stands', () => {
    const waiting = check('system', { id: 'a', executor: 'rpc', parameters: { token: '#{{a.b}}' } })!;
    const problems = [{ pointer: '/parameters/token', message: 'nothing stands there' }];
    const resolved = resolvedRecord(waiting, { fields: {}, problems, gatewayId: 'g' });
    expect([resolved.record, told(resolved)]).toEqual([null, ['fault /parameters/token']]);
  });
  it('of more than a million characters is at fault', () => {
    const checked = check('system', { id: 'a', executor: 'rpc', description: 'x'.repeat(1024 * 1024) });
    expect([checked?.record, told(checked)]).toEqual([null, ['fault ']]);
  });
  it('that refers to itself is at fault', () => {
    const knot: Record<string, unknown> = { id: 'a', executor: 'rpc' };
    knot['self'] = knot;
    expect(check('system', knot)?.record).toBeNull();
  });
  it.each([null, 5, 'text', [], {}, { data: {} }, { id: '' }, { id: {} }])('without an id is at fault: %j', (value) => {
    expect(told(check('channel', value))).toEqual(['fault ']);
  });
  it('may have a member named __proto__, which is data like any other', () => {
    const checked = check(
      'channel',
      JSON.parse('{"id":"a","system":"s","parameters":{"__proto__":"x"},"paths":{"__proto__":{"isPublic":true}}}'),
    );
    expect(JSON.stringify(checked?.record)).toBe(
      '{"system":"s","parameters":{"__proto__":"x"},"paths":{"/__proto__":{"isPublic":true}}}',
    );
    expect(({} as { isPublic?: boolean }).isPublic).toBeUndefined();
  });
  it('never shows a secret in a message', () => {
    const checked = check('token', {
      id: 'a',
      signingSecret: 'hidden',
      expiration: 'x',
      provider: { clientSecret: ['hidden'] },
      encryptionSecret: [{ secret: 5, kid: ['hidden'] }],
    });
    expect(checked?.findings.length).toBeGreaterThan(2);
    expect(JSON.stringify(checked?.findings)).not.toContain('hidden');
  });
  it('tells no more than fifty findings one by one', () => {
    const checked = aChannel(Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`unknown${index}`, 1])));
    expect(checked?.findings).toHaveLength(51);
    expect(checked?.findings.at(-1)?.message).toContain('30 more');
  });
});

describe('id of a record', () => {
  const findings = (id: unknown) => told(check('channel', { id, system: 'a' }));
  it('of letters, digits, _, - and . is fine; anything else printable is a warning', () => {
    expect([findings('a_b-c.9'), findings('a b'), findings('é')]).toEqual([[], ['warning '], ['warning ']]);
  });
  it('with a slash, a control character or more than 128 characters is a fault', () => {
    expect([findings('a/b'), findings('a\u0000'), findings('a\u200b'), findings('a'.repeat(129))]).toEqual(
      Array(4).fill(['fault ']),
    );
    expect(findings('a'.repeat(128))).toEqual([]);
  });
  it('with an @ is that of a branch and is skipped in silence', () => {
    expect(check('channel', { id: 'a@main' })).toBeUndefined();
  });
  it('full is no channel, but may be a system', () => {
    expect(findings('full')).toEqual(['fault ']);
    expect(told(check('system', { id: 'full', executor: 'rpc' }))).toEqual([]);
  });
  it('that cannot be used does not hide what else is wrong, and claims nothing', () => {
    const checked = check('channel', { id: 'full', system: 'a', paths: 7, target: [] });
    expect(told(checked)).toEqual(expect.arrayContaining(['fault ', 'fault /paths', 'fault /target']));
    expect([checked?.id, checked?.record]).toEqual(['', null]);
    expect(checked?.findings.every(({ id }) => id === 'full')).toBe(true);
  });
});

describe('a channel', () => {
  it('needs a system or an executor', () => {
    expect(check('channel', { id: 'a', target: '/x' })?.record).toBeNull();
    expect(check('channel', { id: 'a', executor: 'rpc' })?.record).not.toBeNull();
  });
  it('has path keys and methods in normal form', () => {
    const checked = aChannel({ paths: { 'product/': { methods: { get: {}, '*': {} } }, 'x/*': {}, '*': {} } });
    expect(checked?.record).toMatchObject({
      paths: { '/product': { methods: { GET: {}, '*': {} } }, '/x/*': {}, '*': {} },
    });
  });
  it('with two keys for one path is at fault, and both are named', () => {
    const checked = aChannel({ paths: { product: {}, '/product': {} } });
    expect(checked?.record).toBeNull();
    expect(checked?.findings[0]?.message).toMatch(/"product" and "\/product"/);
  });
  it('with a method that is none is at fault; one that has no effect is a warning', () => {
    const checked = aChannel({ paths: { a: { methods: { FETCH: {}, HEAD: {}, options: {} } } } });
    expect(told(checked)).toEqual([
      'fault /paths/a/methods/FETCH',
      'warning /paths/a/methods/HEAD',
      'warning /paths/a/methods/options',
    ]);
  });
  it.each([
    ['a name that is no token', { 'X A': '1' }],
    ['a value with a line break', { 'X-A': 'a\r\nSet-Cookie: b' }],
    ['a framing header', { 'Content-Length': '5' }],
    ['a hop-by-hop header', { connection: 'close' }],
    ['one header in two spellings', { 'X-A': '1', 'x-a': '2' }],
  ])('with %s among the response headers is at fault, on every level', (_title, responseHeaders) => {
    expect(aChannel({ responseHeaders })?.record).toBeNull();
    expect(aChannel({ paths: { a: { responseHeaders } } })?.record).toBeNull();
    expect(aChannel({ paths: { a: { methods: { GET: { responseHeaders } } } } })?.record).toBeNull();
  });
  it('lets no framing header of a runner pass', () => {
    const checked = aChannel({ allowedRunnerHeaders: ['X-Total', 'Content-Length'] });
    expect([checked?.record, told(checked)]).toEqual([
      { system: 'crud', allowedRunnerHeaders: ['X-Total'] },
      ['warning /allowedRunnerHeaders/1'],
    ]);
  });
});

describe('a service', () => {
  it('is read, with a warning that it is not in force', () => {
    expect(told(check('service', { id: 'a', type: 'fs', authToken: 't', paths: { 'x.json': {} } }))).toEqual([
      'warning ',
    ]);
  });
  it('that keeps rates is in force', () => {
    const rates = { id: 'rates', parameters: { persistenceHelperClass: 'memory' } };
    expect([told(check('service', rates)), told(check('service', { id: 'a', type: 'rate' }))]).toEqual([[], []]);
  });
  it('keeps extensions in the rules of a service', () => {
    expect(check('service', { id: 'a', paths: { 'x.json': {} } })?.record).toEqual({ paths: { '/x.json': {} } });
  });
});
