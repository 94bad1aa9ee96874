import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { COMPONENT_KINDS, type ComponentKind } from '../../contracts/records.js';
import type { Members } from '../check/members.js';
import { RECORD_KINDS } from '../check/record-kinds.js';
import { type DtoClass, type FieldType, fieldsOf, typesOf } from '../field.decorator.js';
import { fromOriginal } from './from-original.js';

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const KEYS = ['a', '/a', 'a/*', '*', 'GET', 'get', 'X-A', 'paths', 'value', 'key', '__proto__', 'constructor'];
const key = fc.oneof(fc.constantFrom(...KEYS), fc.string());

/** Values of a field's type, as its DTO class declares it. */
function valueOf(type: FieldType): fc.Arbitrary<unknown> {
  if (typeof type === 'function') return membersOf(type());
  if (typeof type === 'string') return scalar;
  if ('list' in type) return fc.array(valueOf(type.list), { maxLength: 3 });
  return fc.dictionary(key, valueOf(type.map), { maxKeys: 3 });
}

function membersOf(dto: DtoClass): fc.Arbitrary<Members> {
  const fields = [...fieldsOf(dto)].map(
    ([name, options]) => [name, fc.oneof(...typesOf(options).map(valueOf))] as const,
  );
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
}

const NAMES = [
  ...['definition', 'authentication', 'token', 'cookie', 'provider', 'session', 'resilience', 'responseHeaders'],
  ...['userRateLimit', 'paths', 'pathAuthentications', 'methods', 'parameters', 'systemParameters', 'aliases', 'alias'],
  ...[
    'executorClass',
    'systemExecutor',
    'executor',
    'targetPath',
    'targetStream',
    'target',
    'rateLimit',
    'rateLimiter',
  ],
  ...[
    'retries',
    'retry',
    'retryFilter',
    'filter',
    'retryErrorCodes',
    'circuitBreak',
    'headerMap',
    'urls',
    'providerUrls',
  ],
  ...[
    'cookieDomain',
    'domain',
    'bufferMs',
    'period',
    'globalTypes',
    'types',
    'isPublic',
    'accessingRoles',
    'roles',
    'id',
  ],
  ...['key', 'name', 'path', 'method', 'value', 'headerKey', 'headerValue', 'type', 'applicableGateways'],
  ...['realm', 'resource', 'authServerUrl', 'config', 'credential', 'credential.secret', 'secret', 'idToken', 'scopes'],
  ...['configString', 'singleServerConfig', 'clusterServersConfig', 'address', 'nodeAddresses', 'password', 'issuer'],
  'toString',
  ...['a', '/a', 'a/b', 'a/*', '*', 'GET', 'get', 'HEAD', '__proto__', 'constructor', ''],
];

/** Texts that are read as what stands in them. */
const CONFIGURATIONS = [
  '{"realm":"a","auth-server-url":"https://a","resource":"b","credentials":{"secret":"c"}}',
  '{"realm":"a"}',
  'singleServerConfig: {address: "redis://a:1", timeout: 1}',
  'clusterServersConfig: {}',
];

/** Anything at all, made of names that mean something somewhere. */
const { anything } = fc.letrec<{ anything: unknown; list: unknown; members: Members }>((tie) => ({
  anything: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(
      fc.constantFrom('a', 'GET', '/a', '', 1, true, null, 'https://a', 'redis://a:1', ...CONFIGURATIONS),
      scalar,
    ),
    tie('members'),
    tie('list'),
  ),
  list: fc.array(tie('anything'), { maxLength: 3 }),
  members: fc.dictionary(fc.constantFrom(...NAMES), tie('anything'), { maxKeys: 6 }),
}));
const foreignRecord = fc.dictionary(fc.constantFrom(...NAMES), anything, { maxKeys: 8 });

describe.each<ComponentKind>([...COMPONENT_KINDS])('any %s', (kind) => {
  it('in our form stays the very same record', () => {
    fc.assert(
      fc.property(membersOf(RECORD_KINDS[kind].dto), (fields) => {
        const read = fromOriginal(kind, fields);
        expect(read.fields).toBe(fields);
        expect([read.foreign, read.notes]).toEqual([[], []]);
      }),
      { numRuns: 300 },
    );
  });
  it('is in our form once it is read, and as it was given is left alone', () => {
    fc.assert(
      fc.property(foreignRecord, (fields) => {
        const before = JSON.stringify(fields);
        const first = fromOriginal(kind, fields);
        const second = fromOriginal(kind, first.fields);
        expect(JSON.stringify(fields)).toBe(before);
        expect(second.foreign).toEqual([]);
        expect(second.fields).toBe(first.fields);
        expect(first.foreign.length > 0).toBe(first.fields !== fields);
      }),
      { numRuns: 2000 },
    );
  });
});
