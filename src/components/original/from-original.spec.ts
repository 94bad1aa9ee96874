import { describe, expect, it } from '@jest/globals';
import type { ComponentKind } from '../../contracts/records.js';
import { checkRecord } from '../check/check-record.js';
import type { Members } from '../check/members.js';
import { fromOriginal } from './from-original.js';

const read = (kind: ComponentKind, fields: object) => fromOriginal(kind, fields as Members);
const fieldsOf = (kind: ComponentKind, fields: object) => read(kind, fields).fields;
const inPath = (rule: object) => (fieldsOf('channel', { paths: { a: rule } })['paths'] as Members)['a'];
const told = (kind: ComponentKind, fields: object) =>
  read(kind, fields).notes.map(({ severity, pointer }) => `${severity} ${pointer}`);

describe('a record of the original', () => {
  it.each<[ComponentKind, object, object]>([
    ['system', { applicableGateways: ['a'] }, { gateways: ['a'] }],
    ['system', { systemExecutor: 'rpc', systemParameters: { a: 1 } }, { executor: 'rpc', parameters: { a: 1 } }],
    ['system', { executorClass: 'com.x.RPCExecutor' }, { executor: 'com.x.RPCExecutor' }],
    ['service', { serviceType: 'kafka' }, { type: 'kafka' }],
    ['channel', { targetPath: '/a', predefinedSystem: 's' }, { target: '/a', system: 's' }],
    ['channel', { targetStream: 'topic' }, { target: 'topic' }],
    ['channel', { canAuditAllCalls: true, rateLimit: {} }, { canAuditAll: true, rateLimiter: {} }],
    ['channel', { pathAuthentications: { a: {} } }, { paths: { a: {} } }],
  ])('may call fields of a %s by the labels of its screens: %j', (kind, theirs, ours) => {
    expect(fieldsOf(kind, theirs)).toEqual(ours);
  });
  it('may call fields of path rules, methods and retries by their labels', () => {
    const retries = { retryAfter: 5, retryErrorCodes: [1], retryFilter: { retryHttpStatusCodes: [503] } };
    const retry = { retryAfter: 5, filter: { errorCodes: [1], httpStatusCodes: [503] } };
    const methods = { GET: { accessingRoles: ['a'], retries: { retryFilter: { retryErrorTexts: ['x'] } } } };
    expect(inPath({ accessTokenVerificationRequired: true, retries, methods })).toEqual({
      verifyAccessToken: true,
      retry,
      methods: { GET: { roles: ['a'], retry: { filter: { errorTexts: ['x'] } } } },
    });
  });
  it('may call fields of a circuit breaker by their labels', () => {
    const circuitBreak = {
      permittedCallsInHalfOpen: 1,
      waitDurationInOpen: 2,
      maxWaitDurationInHalfOpen: 3,
      automaticTransitionFromOpenToHalfOpen: true,
    };
    expect(inPath({ circuitBreak })).toEqual({
      circuitBreaker: {
        permittedNumberOfCallsInHalfOpenState: 1,
        waitDurationInOpenState: 2,
        maxWaitDurationInHalfOpenState: 3,
        automaticTransitionFromOpenToHalfOpenEnabled: true,
      },
    });
  });
  it('may have the groups of a token flat or under their tab, with the labels in either', () => {
    const flat = {
      ...{ cookieDomain: 'd', cookieSameSite: 'Lax', cookiePath: '/p', refreshCookiePath: '/r' },
      ...{ httpOnlyCookie: true, secureCookie: 'true', providerChannel: 'p', sessionChannel: 's' },
      ...{ providerUrls: [{ key: 'login', value: '/l' }], sessionUrls: [{ name: 'touch', url: '/t' }], bufferMs: 5 },
    };
    const ours = {
      cookie: { domain: 'd', sameSite: 'Lax', path: '/p', refreshPath: '/r', httpOnly: true, secure: 'true' },
      provider: { channel: 'p', urls: { login: '/l' } },
      session: { channel: 's', urls: { touch: '/t' }, bufferMs: 5 },
    };
    expect(fieldsOf('token', flat)).toEqual(ours);
    expect(fieldsOf('token', { token: flat, definition: { name: 'n' } })).toEqual({ name: 'n', ...ours });
    const { cookieDomain: domain, ...others } = flat;
    expect(fieldsOf('token', { ...others, cookie: { cookieDomain: domain } })).toEqual(ours);
  });
  it('may have its tabs, which hold no id of their own', () => {
    const fields = {
      definition: { id: 'x', name: 'n', targetPath: '/a' },
      authentication: { authToken: 't', paths: [{ path: 'a', isPublic: true }] },
      resilience: { rateLimit: { periodLimit: 1 }, bulkhead: {}, isEnabled: true, period: 1 },
    };
    expect(fieldsOf('channel', fields)).toEqual({
      ...{ name: 'n', target: '/a', authToken: 't', paths: { a: { isPublic: true } } },
      ...{ rateLimiter: { periodLimit: 1 }, bulkhead: {}, userRateLimit: { isEnabled: true, period: 1 } },
    });
  });
  it('may have response headers under their tab, as pairs of headerKey and headerValue', () => {
    const headers = [{ headerKey: 'X-A', headerValue: 'a' }];
    const tab = { responseHeaders: headers, paths: { '/a': { responseHeaders: headers } } };
    expect(fieldsOf('channel', { paths: { a: { isPublic: true } }, responseHeaders: tab })).toEqual({
      paths: { a: { isPublic: true, responseHeaders: { 'X-A': 'a' } } },
      responseHeaders: { 'X-A': 'a' },
    });
  });
  it('may have lists for maps', () => {
    const fields = {
      paths: [
        { key: 'a', methods: [{ method: 'GET', roles: [] }] },
        { name: 'b', value: { isPublic: true } },
      ],
      parameters: [
        { key: 'server.baseUrl', value: 'u' },
        { name: 'x', value: 1 },
      ],
      userRateLimit: { globalTypes: [{ type: 'user', limit: 5 }], paths: [{ path: 'a', types: [] }] },
    };
    expect(fieldsOf('channel', fields)).toEqual({
      paths: { a: { methods: { GET: { roles: [] } } }, b: { isPublic: true } },
      parameters: { 'server.baseUrl': 'u', x: 1 },
      userRateLimit: { globalTypes: { user: 5 }, paths: { a: { types: {} } } },
    });
  });
  it('may have aliases as a map, or as a list of other names', () => {
    const headerMap = [{ key: 'X-A', value: 'value' }];
    const read = [
      { target: '/x', alias: 'a', headerMap: { 'X-A': 'value' } },
      { alias: 'b', target: '/y' },
    ];
    const map = { a: { targetPath: '/x', headerMap }, b: '/y' };
    expect(fieldsOf('channel', { aliases: map })['aliases']).toEqual(read);
    const list = [
      { key: 'a', value: { target: '/x', headerMap } },
      { path: 'b', value: '/y' },
    ];
    expect(fieldsOf('channel', { aliases: list })['aliases']).toEqual(read);
  });
  it('may nest parameters', () => {
    const parameters = { server: { baseUrl: 'u', header: [{ key: 'X-A', value: 'a' }] }, token: 't' };
    expect(fieldsOf('system', { parameters })['parameters']).toEqual({
      ...{ token: 't', 'server.baseUrl': 'u', 'server.header.X-A': 'a' },
    });
  });
  it('may keep the configuration of Redis in the form of Redisson, as a text or written out', () => {
    const config = { singleServerConfig: { address: 'redis://h:6379', password: 'p' } };
    const ours = { type: 'rate', parameters: { configString: 'redis://:p@h:6379' } };
    for (const configString of [config, JSON.stringify(config), 'redis://:p@h:6379']) {
      expect(fieldsOf('service', { type: 'rate', parameters: { configString } })).toEqual(ours);
    }
    const parameters = [{ key: 'configString', value: JSON.stringify(config) }];
    expect(fieldsOf('service', { serviceType: 'rate', parameters })).toEqual(ours);
    expect(read('service', { parameters: { configString: config } }).foreign).toHaveLength(2);
  });
  it('keeps lookups within the configuration of Redis for who resolves them', () => {
    const config = { singleServerConfig: { address: 'redis://h:6379', password: '#{{redis.password}}' } };
    const text = JSON.stringify(config);
    expect(fieldsOf('service', { parameters: { configString: config } })).toEqual({
      parameters: { configString: text },
    });
    const lookups = { parameters: { configString: '#{{redis.config}}' } };
    expect(fieldsOf('service', lookups)).toBe(lookups);
    const resolved = { parameters: { configString: text.replace('#{{redis.password}}', 'p') } };
    expect(fieldsOf('service', resolved)).toEqual({ parameters: { configString: 'redis://:p@h:6379' } });
  });
  it('may name a Keycloak by its own words, in the provider or flat', () => {
    const keycloak = { authServerUrl: 'https://sso', realm: 'shop', resource: 'gateway', roles: ['user'] };
    const oidc = { type: 'oidc', issuer: 'https://sso/realms/shop', clientId: 'gateway', clientSecret: 's' };
    const ours = { provider: { ...oidc, channel: 'auth', roles: ['user'] } };
    const inProvider = { ...keycloak, providerChannel: 'auth', credential: [{ key: 'secret', value: 's' }] };
    expect(fieldsOf('token', { provider: inProvider })).toEqual(ours);
    const flat = { ...keycloak, providerChannel: 'auth', 'credential.secret': 's' };
    expect(fieldsOf('token', { token: flat })).toEqual(ours);
    expect(read('token', { provider: { ...inProvider, type: 'com.x.KeycloakProvider' } }).notes).toEqual([]);
    expect(read('token', { provider: { realm: 'shop', authServerUrl: 'https://sso' } }).foreign).toEqual([
      ...['realm → issuer', 'authServerUrl → issuer'],
    ]);
  });
  it('names everything once that it calls otherwise', () => {
    const rule = { retries: {}, methods: { GET: { retries: {} } } };
    const { foreign } = read('channel', {
      targetPath: '/a',
      paths: [
        { path: 'a', ...rule },
        { path: 'b', ...rule },
      ],
    });
    expect(foreign).toEqual(['targetPath → target', 'paths: a list → a map', 'retries → retry']);
  });
});

describe('a record in which one thing stands twice', () => {
  it('counts by our name, with a warning where the other says something else', () => {
    expect(fieldsOf('channel', { targetPath: '/theirs', target: '/ours' })).toEqual({ target: '/ours' });
    expect(told('channel', { targetPath: '/theirs', target: '/ours' })).toEqual(['warning /target']);
    expect(told('channel', { targetPath: '/a', target: '/a' })).toEqual([]);
    expect(told('token', { cookie: { domain: 'a' }, cookieDomain: 'b' })).toEqual(['warning /cookie']);
  });
  it('counts by the other name where ours is null', () => {
    expect(fieldsOf('channel', { targetPath: '/theirs', target: null })).toEqual({ target: '/theirs' });
  });
  it('counts flat rather than under a tab, rule by rule', () => {
    const fields = { paths: { a: { isDisabled: true } }, authentication: { paths: { a: { isPublic: true }, b: {} } } };
    expect(fieldsOf('channel', fields)).toEqual({ paths: { a: { isDisabled: true }, b: {} } });
    expect(told('channel', fields)).toEqual(['warning /paths']);
  });
  it('is at fault for two entries with one key', () => {
    const parameters = [
      { key: 'a', value: 1 },
      { key: 'a', value: 2 },
    ];
    expect(told('system', { parameters })).toEqual(['fault /parameters/a']);
    expect(told('system', { parameters: { a: { b: 1 }, 'a.b': 2 } })).toEqual(['fault /parameters/a.b']);
  });
});

describe('a record with something wrong', () => {
  it('warns of what Redisson and Keycloak say and the record cannot', () => {
    const configString = 'singleServerConfig: {address: "redis://h:1", timeout: 5}';
    expect(told('service', { parameters: { configString } })).toEqual(['warning /parameters/configString']);
    const config = { realm: 'a', 'auth-server-url': 'https://sso', 'bearer-only': true };
    expect(told('token', { provider: { config } })).toEqual(['warning /provider']);
    expect(told('token', { provider: { config, realm: 'b' } })).toEqual(['warning /provider', 'warning /provider']);
    expect(told('token', { provider: { config, issuer: 'https://other' } })).toContain('warning /provider/issuer');
  });
  it.each<[ComponentKind, object, string]>([
    ['service', { parameters: { configString: 'singleServerConfig: {password: hidden}' } }, '/parameters/configString'],
    [
      'service',
      { parameters: { configString: '{"replicatedServersConfig": {"password": "hidden"}}' } },
      '/parameters/configString',
    ],
    ['token', { provider: { realm: 'a', credential: 'hidden' } }, '/provider'],
    ['token', { provider: { config: '{"realm": "a", "credentials": {"secret": "hidden"' } }, '/provider'],
  ])(
    'is at fault for a configuration of others that cannot be read, and its secrets are not told: %s %j',
    (kind, fields, at) => {
      const { notes, fields: after } = read(kind, fields);
      expect(after).toBe(fields);
      expect(notes).toMatchObject([{ severity: 'fault', pointer: at }]);
      expect(JSON.stringify(notes)).not.toContain('hidden');
    },
  );
  it.each<[ComponentKind, object]>([
    ['channel', { definition: 'text', resilience: [], authentication: 5, userRateLimit: 'x' }],
    ['channel', { paths: ['a', 'b'], parameters: [1], aliases: 5, responseHeaders: 'x' }],
    ['channel', { paths: [{ isPublic: true }], resilience: { resilience: {} } }],
    ['token', { cookie: 'text', cookieDomain: 'd', token: 'secret' }],
    ['token', { provider: { config: { toString: 1 }, type: { toString: 1 } } }],
    ['system', { parameters: { bootstrap_servers: ['a', 'b'], none: [] } }],
  ])('stays as it is, for its schema to report: %s %j', (kind, fields) => {
    expect(fieldsOf(kind, fields)).toBe(fields);
  });
  it('may name members like those of every object', () => {
    const text = '{"definition":{"__proto__":{"x":1},"constructor":2},"parameters":[{"key":"__proto__","value":"v"}]}';
    const fields = fieldsOf('system', JSON.parse(text) as object);
    expect(JSON.stringify(fields)).toBe('{"parameters":{"__proto__":"v"},"__proto__":{"x":1},"constructor":2}');
    expect(({} as Members)['x']).toBeUndefined();
  });
  it('may have anything where a rule says whether it is public', () => {
    const paths = { a: { isPublic: { toString: 1 }, methods: { GET: {} } } };
    const tab = { paths: { a: { methods: { POST: { retry: {} } } } } };
    expect(fieldsOf('channel', { paths, resilience: tab })).toEqual({ paths });
  });
  it('may refer to itself', () => {
    const knot: Members = { executor: 'rpc' };
    Object.assign(knot, { definition: knot, parameters: { a: knot }, resilience: knot, paths: knot, cookie: knot });
    for (const kind of ['system', 'channel', 'service', 'token'] as const) {
      expect(() => read(kind, knot)).not.toThrow();
      expect(checkRecord(kind, { id: 'a', ...knot }, { gatewayId: 'g' })?.checked.record).toBeNull();
    }
  });
  it('leaves what it shares with other records as it is', () => {
    const shared = Object.freeze({ a: Object.freeze({ retries: Object.freeze({ retryAfter: 1 }) }) });
    const resilience = { paths: { b: { retry: {} } } };
    expect(fieldsOf('channel', { paths: shared, resilience })['paths']).toEqual({
      a: { retry: { retryAfter: 1 } },
      b: { retry: {} },
    });
    expect(shared).toEqual({ a: { retries: { retryAfter: 1 } } });
  });
});

describe('the check of a record of the original', () => {
  const check = (kind: ComponentKind, data: object) =>
    checkRecord(kind, { id: 'a', data }, { gatewayId: 'g' })?.checked;

  it('warns once, and checks what it was read as', () => {
    const checked = check('system', { definition: { executorClass: 'RPCExecutor' }, systemParameters: { a: {} } });
    expect(checked?.record).toEqual({ executor: 'RPCExecutor', parameters: {} });
    expect(checked?.findings).toMatchObject([
      { severity: 'warning', pointer: '', message: expect.stringContaining('executorClass → executor') },
    ]);
  });
  it('honours the gateways that it names', () => {
    expect(check('system', { executor: 'rpc', applicableGateways: ['other'] })?.active).toBe(false);
  });
  it('reports faults by pointers of our form', () => {
    const checked = check('channel', { predefinedSystem: 's', paths: [{ path: 'a', isPublic: 'maybe' }] });
    expect(checked?.findings.map(({ severity, pointer }) => `${severity} ${pointer}`)).toEqual([
      'warning ',
      'fault /paths/a/isPublic',
    ]);
  });
  it('has no more to say of a record in our form than before', () => {
    expect(check('channel', { system: 's', paths: { a: { isPublic: true } } })?.findings).toEqual([]);
  });
});
