import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { COMPONENT_KINDS } from '../contracts/records.js';
import { RECORD_KINDS, schemaOfKind } from './check/record-kinds.js';
import { classesOf } from './check/validators.js';
import { fieldsOf } from './field.decorator.js';

describe.each(COMPONENT_KINDS)('schema of a %s', (kind) => {
  it('is valid JSON Schema', () => {
    expect(new Ajv({ strict: false }).validateSchema(schemaOfKind(kind))).toBe(true);
  });
  it('documents every field in a sentence', () => {
    for (const dto of classesOf(RECORD_KINDS[kind].dto)) {
      for (const [name, { doc }] of fieldsOf(dto)) expect(`${name}: ${doc}`).toMatch(/: [A-Z`-].*\.$/s);
    }
  });
  it('lets unknown fields pass', () => {
    const record = { executor: 'rpc', unknown: 1 };
    expect(new Ajv({ strict: false }).validate(schemaOfKind(kind), record)).toBe(true);
  });
});

describe('schema of a channel', () => {
  it('has the fields of every nested rule', () => {
    const paths = JSON.stringify(schemaOfKind('channel')['properties']);
    for (const field of [
      'verifyAccessToken',
      'slidingWindowSize',
      'onlyUnsent',
      'httpStatusCodes',
      'headerMap',
      'maxWait',
      'defaultRate',
    ]) {
      expect(paths).toContain(`"${field}"`);
    }
  });
});
