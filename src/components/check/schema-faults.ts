import type { ErrorObject } from 'ajv';
import { pointerTo, tokensOf } from '../pointer.js';
import { shown } from '../secret-names.js';
import type { RecordCheck } from './record-check.js';

/** Turns what ajv found into faults that people can act on. Its own messages are not shown: they know nothing of secrets. */
export function reportSchemaFaults(errors: readonly ErrorObject[], check: RecordCheck): void {
  for (const error of errors) {
    if (error.keyword === 'required') {
      const name = String((error.params as { missingProperty: string }).missingProperty);
      check.fault(pointerTo(error.instancePath, name), `${name} is missing. Add it${docOf(error, name)}.`);
    } else {
      check.fault(error.instancePath, messageOf(error));
    }
  }
}

function messageOf(error: ErrorObject): string {
  const schema = (error.parentSchema ?? {}) as Record<string, unknown>;
  const name = nameAt(error.instancePath);
  const value = shown(lastName(error.instancePath), error.data, schema['x-secret'] === true);
  const doc = typeof schema['description'] === 'string' ? ` (${schema['description'].replace(/\.$/, '')})` : '';
  return `${name} is ${value}, expected ${expectationOf(error, schema)}${doc}. Correct or remove it.`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  string: 'a text',
  array: 'a list',
  object: 'an object',
};

function expectationOf(error: ErrorObject, schema: Record<string, unknown>): string {
  if (typeof schema['x-expected'] === 'string' && error.keyword !== 'type') return schema['x-expected'];
  switch (error.keyword) {
    case 'type': {
      const types = [schema['type']].flat() as string[];
      return types.map((type) => TYPE_NAMES[type] ?? type).join(' or ') + boundsOf(schema);
    }
    case 'minimum':
    case 'maximum':
      return `a number${boundsOf(schema)}`;
    case 'enum':
      return `one of ${(schema['enum'] as string[]).join(', ')}`;
    case 'minLength':
      return schema['minLength'] === 1
        ? 'a text that is not empty'
        : `at least ${String(schema['minLength'])} characters`;
    case 'maxLength':
      return `at most ${String(schema['maxLength'])} characters`;
    default:
      return 'another value';
  }
}

function boundsOf({ minimum, maximum }: { minimum?: number; maximum?: number }): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? '' : ` of at most ${maximum}`;
}

function docOf(error: ErrorObject, name: string): string {
  const properties = (error.parentSchema as { properties?: Record<string, { description?: string }> } | undefined)
    ?.properties;
  const doc = properties?.[name]?.description;
  return doc === undefined ? '' : `: ${doc.replace(/\.$/, '')}`;
}

function lastName(pointer: string): string {
  // The item of a list is named by the list: `roles/0` is one of the roles.
  return tokensOf(pointer).findLast((token) => !/^\d+$/.test(token)) ?? '';
}

function nameAt(pointer: string): string {
  const last = tokensOf(pointer).at(-1);
  if (last === undefined) return 'The record';
  return /^\d+$/.test(last) ? `An item of ${lastName(pointer)}` : last;
}
