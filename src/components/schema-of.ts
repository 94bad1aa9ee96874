import { type DtoClass, type FieldOptions, type FieldType, fieldsOf, typesOf } from './field.decorator.js';

/** JSON Schema, draft 2020-12 as far as it is used here (and draft 7 alike). */
export type JsonSchema = { [keyword: string]: unknown };

/** What stands for a class inside another one. */
export type NestedSchema = (dto: DtoClass) => JsonSchema;

/** The schema of a DTO class, nested ones written out. Unknown fields pass: they are a warning, not a fault. */
export function schemaOf(dto: DtoClass): JsonSchema {
  return { type: 'object', ...membersSchemaOf(dto, schemaOf) };
}

/** The same without the type, for who knows already that it is an object. */
export function membersSchemaOf(dto: DtoClass, nested: NestedSchema): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, options] of fieldsOf(dto)) {
    properties[name] = schemaOfField(options, nested);
    if (options.required === true) required.push(name);
  }
  return { properties, ...(required.length > 0 && { required }) };
}

function schemaOfField(options: FieldOptions, nested: NestedSchema): JsonSchema {
  const parts = typesOf(options).map((type) => schemaOfType(type, options, nested));
  const types = parts.flatMap((part) => part['type'] as string | string[]);
  return {
    ...Object.assign({}, ...parts),
    type: types.length === 1 ? types[0] : types,
    description: options.doc,
    ...(options.expected !== undefined && { 'x-expected': options.expected }),
    ...(options.secret !== undefined && { 'x-secret': options.secret }),
    ...(options.notInForce !== undefined && { 'x-not-in-force': options.notInForce }),
  } as JsonSchema;
}

function schemaOfType(type: FieldType, options: FieldOptions, nested: NestedSchema): JsonSchema {
  if (typeof type === 'function') return nested(type());
  if (typeof type === 'string') return schemaOfScalar(type, options);
  if ('list' in type) return { type: 'array', items: schemaOfType(type.list, options, nested) };
  return { type: 'object', additionalProperties: schemaOfType(type.map, options, nested) };
}

function schemaOfScalar(type: string, options: FieldOptions): JsonSchema {
  if (type === 'scalar') return { type: ['string', 'number', 'boolean'] };
  const schema: JsonSchema = { type };
  if (type === 'integer' || type === 'number') {
    if (options.min !== undefined) schema['minimum'] = options.min;
    if (options.max !== undefined) schema['maximum'] = options.max;
  }
  if (type === 'string') {
    if (options.choices !== undefined) schema['enum'] = options.choices;
    if (options.pattern !== undefined) schema['pattern'] = options.pattern.source;
    if (options.minLength !== undefined) schema['minLength'] = options.minLength;
    if (options.maxLength !== undefined) schema['maxLength'] = options.maxLength;
  }
  return schema;
}
