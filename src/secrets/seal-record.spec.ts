import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskRecord } from '../components/mask-record.js';
import { MASK } from '../components/secret-names.js';
import { COMPONENT_KINDS, type ComponentKind } from '../contracts/records.js';
import { AesSecretBox } from './aes-secret-box.js';
import { openRecord, sealRecord } from './seal-record.js';
import { UnopenableSeal } from './secret-box.js';

const oldKey = Buffer.alloc(32, 1);
const newKey = Buffer.alloc(32, 2);
const box = new AesSecretBox([oldKey]);
const seal = (kind: ComponentKind, fields: object) => sealRecord(kind, 'a', fields, box);
const open = (kind: ComponentKind, fields: object) => openRecord(kind, 'a', fields, box);
const SEALED: unknown = expect.stringMatching(/^sealed:1:/);

describe('a sealed record', () => {
  it('holds its secrets sealed, and the rest as it is', () => {
    const fields = {
      executor: 'rpc',
      parameters: {
        'server.baseUrl': 'http://me:hunter2@host/a',
        'server.secret': 'hunter2',
        'server.header.X': 'hunter2',
        'server.timeout': 5,
      },
    };
    expect(seal('system', fields)).toEqual({
      executor: 'rpc',
      parameters: {
        'server.baseUrl': SEALED,
        'server.secret': SEALED,
        'server.header.X': SEALED,
        'server.timeout': 5,
      },
    });
    expect(open('system', seal('system', fields))).toEqual(fields);
  });
  it('gives numbers and booleans back with their types', () => {
    const fields = { parameters: { 'a.password': 12_345, 'b.password': true, 'c.password': '5', 'd.password': null } };
    const sealed = seal('system', fields);
    expect(sealed).toEqual({
      parameters: { 'a.password': SEALED, 'b.password': SEALED, 'c.password': SEALED, 'd.password': null },
    });
    expect(open('system', sealed)).toEqual(fields);
  });
  it('shows lookups and masks, which are no secrets themselves', () => {
    const fields = { parameters: { token: '#{{vault.a.token}}', password: '${{a.b}}', 'server.secret': MASK } };
    expect(seal('system', fields)).toEqual(fields);
    expect(maskRecord('system', fields)).toEqual(fields);
  });
  it('hides a secret that is more than a lookup', () => {
    const fields = { parameters: { token: 'hunter2#{{a}}', secret: '#{{a', password: '#{{a}}#{{b}}' } };
    expect(seal('system', fields)).toEqual({ parameters: { token: SEALED, secret: SEALED, password: SEALED } });
  });
  it('is the same sealed again with the same key, and sealed anew with another', () => {
    const once = seal('system', { parameters: { token: 'hunter2' } });
    expect(seal('system', once)).toEqual(once);
    const again = sealRecord('system', 'a', once, new AesSecretBox([newKey, oldKey]));
    expect(openRecord('system', 'a', again, new AesSecretBox([newKey]))).toEqual({ parameters: { token: 'hunter2' } });
  });
  it('cannot be opened as another record, or with another key', () => {
    const sealed = seal('system', { parameters: { token: 'hunter2' } });
    expect(() => openRecord('system', 'b', sealed, box)).toThrow(UnopenableSeal);
    expect(() => openRecord('channel', 'a', sealed, box)).toThrow(UnopenableSeal);
    expect(() => openRecord('system', 'a', sealed, new AesSecretBox([newKey]))).toThrow(UnopenableSeal);
  });
  it('does not take what only looks sealed for sealed', () => {
    const other = sealRecord('system', 'b', { token: 'hunter2' }, box)['token'];
    const fields = { description: other, parameters: { token: other } };
    expect(open('system', seal('system', fields))).toEqual(fields);
  });
  it('opens what is sealed whatever its name is now', () => {
    const { token } = seal('system', { token: 'x' });
    expect(open('system', { list: [{ plain: token }] })).toEqual({ list: [{ plain: 'x' }] });
  });
});

describe('a record in the form of the original', () => {
  const list = { systemParameters: [{ key: 'server.header.Authorization', value: 'hunter2' }] };
  const sealedList = { systemParameters: [{ key: 'server.header.Authorization', value: SEALED }] };
  const nested = {
    parameters: { server: { header: [{ name: 'Authorization', value: 'hunter2' }], cookie: { a: 'hunter2' } } },
  };
  const tab = { definition: { parameters: { 'server.header.A': 'hunter2' } } };
  const values = { parameters: [{ name: 'password', text: 'hunter2' }] };

  it.each([list, nested, tab, values])('has no secret in clear: %j', (fields) => {
    expect(JSON.stringify(seal('system', fields))).not.toContain('hunter2');
    expect(JSON.stringify(maskRecord('system', fields))).not.toContain('hunter2');
    expect(open('system', seal('system', fields))).toEqual(fields);
  });
  it('shows the keys of its lists', () => {
    expect(seal('system', list)).toEqual(sealedList);
    expect(
      maskRecord('token', {
        claims: [
          { name: 'role', value: 'x' },
          { name: 'api_key', value: 'x' },
        ],
      }),
    ).toEqual({
      claims: [
        { name: 'role', value: 'x' },
        { name: 'api_key', value: MASK },
      ],
    });
  });
  it('shows rules of paths, as a list too', () => {
    const fields = {
      pathAuthentications: [{ path: '/secret', isPublic: true }],
      paths: [{ path: '/api-key', isPublic: true }],
    };
    expect(maskRecord('channel', fields)).toEqual(fields);
  });
  it('hides what the executor declares, in lists and nested', () => {
    const isPin = (name: string): boolean => name === 'a.pin';
    expect(
      maskRecord(
        'system',
        {
          parameters: [
            { key: 'a.pin', value: 'x' },
            { key: 'a', value: 'x' },
          ],
        },
        isPin,
      ),
    ).toEqual({
      parameters: [
        { key: 'a.pin', value: MASK },
        { key: 'a', value: 'x' },
      ],
    });
    expect(maskRecord('system', { parameters: { a: { pin: 'x', pan: 'x' } } }, isPin)).toEqual({
      parameters: { a: { pin: MASK, pan: 'x' } },
    });
  });
});

/** A text that stands nowhere else, so that finding it means that it leaked. */
const HUNTER = 'hunter2';
const SECRET_NAMES = [
  'password',
  'apiKey',
  'api_key',
  'clientSecret',
  'signingSecret',
  'credential.x',
  'my.access-key',
];
const BY_PLACE = ['token', 'configString', 'server.header.A', 'server.cookie.A', 'sasl.jaas.config'];
const NAMES = ['name', 'parameters', 'urls', 'provider', 'definition', 'key', '__proto__', 'claims', 'a.b'];

const aSecret = fc.oneof(
  fc.constant(HUNTER),
  fc.string().map((text) => `${text}${HUNTER}`),
  fc.constant(`#{{a}}${HUNTER}`),
);
const aUrl = fc.constantFrom(
  `x://u:${HUNTER}@h/a`,
  `see s3://a@${HUNTER}@h`,
  `x://u:${HUNTER}\${{?A}}@h`,
  `x://u:#{{b}}${HUNTER}@h`,
);
const deepSecret = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    aSecret,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 3 }),
  ),
})).value;

/** Records of any shape whose secrets all hold the same text. Below `paths` a rule may be called anything. */
const aRecord = fc.letrec<{ value: unknown; record: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('plain', 5, true, null, '#{{a}}', 'sealed:1:abc', MASK),
    aUrl,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('record'),
  ),
  record: fc
    .tuple(
      fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 4 }),
      fc.dictionary(fc.constantFrom(...SECRET_NAMES), deepSecret, { maxKeys: 2 }),
      fc.dictionary(fc.constantFrom(...BY_PLACE), aSecret, { maxKeys: 2 }),
      fc.array(fc.record({ key: fc.constantFrom(...SECRET_NAMES, ...BY_PLACE), value: aSecret }), { maxLength: 2 }),
    )
    .map(([plain, secret, placed, listed]) =>
      Object.fromEntries([plain, secret, placed, { listed }].flatMap((part) => Object.entries(part))),
    ),
})).record;

describe('any record', () => {
  it('is the same once it was sealed and opened', () => {
    fc.assert(
      fc.property(fc.constantFrom(...COMPONENT_KINDS), aRecord, (kind, record) => {
        expect(JSON.stringify(open(kind, seal(kind, record)))).toBe(JSON.stringify(record));
      }),
      { numRuns: 300 },
    );
  });
  it('shows none of its secrets, sealed or masked', () => {
    fc.assert(
      fc.property(fc.constantFrom(...COMPONENT_KINDS), aRecord, (kind, record) => {
        expect(JSON.stringify(seal(kind, record))).not.toContain(HUNTER);
        expect(JSON.stringify(maskRecord(kind, record))).not.toContain(HUNTER);
      }),
      { numRuns: 300 },
    );
  });
});
