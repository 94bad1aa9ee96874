import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPONENT_KINDS } from '../contracts/records.js';
import { publishedSchemaOf, renderPublishedSchema } from './published-schema.js';

describe.each(COMPONENT_KINDS)('docs/schemas/%s.schema.json', (kind) => {
  it('is what `npm run docs` makes of the record classes now', () => {
    const file = readFileSync(join(import.meta.dirname, `../../docs/schemas/${kind}.schema.json`), 'utf8');
    expect(file).toBe(renderPublishedSchema(kind));
  });
  it('is valid by the draft that it names, and says what it is', () => {
    const schema = publishedSchemaOf(kind);
    expect(new Ajv2020({ strict: false }).validateSchema(schema)).toBe(true);
    expect(schema).toMatchObject({ $id: `urn:sluice:schema:${kind}`, title: `Sluice ${kind}` });
  });
  it('accepts a plain record and refuses one with a wrong type', () => {
    const validate = new Ajv2020({ strict: false }).compile(publishedSchemaOf(kind));
    expect(validate({ executor: 'rpc', name: 'n', gateways: ['a'] })).toBe(true);
    expect(validate({ executor: 'rpc', name: {} })).toBe(false);
  });
});
