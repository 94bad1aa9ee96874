import { Ajv, type ValidateFunction } from 'ajv';
import type { DtoClass } from '../field.decorator.js';
import { membersSchemaOf } from '../schema-of.js';

/**
 * Validators of DTO classes, each class compiled by itself: as one piece a kind would hold up the event loop for tens of
 * milliseconds. The schemas are our own and need no check against the meta schema; a test does that.
 */
const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  coerceTypes: true,
  strict: false,
  messages: false,
  meta: false,
  validateSchema: false,
  inlineRefs: false,
  // Takes half of the time to compile, and gains nothing measurable.
  code: { optimize: false },
});
const ids = new Map<DtoClass, string>();

/** The classes that one is made of, itself last. */
export function classesOf(dto: DtoClass): readonly DtoClass[] {
  const classes = new Set<DtoClass>();
  membersSchemaOf(dto, (nested) => {
    for (const inner of classesOf(nested)) classes.add(inner);
    return {};
  });
  return [...classes, dto];
}

/** The validator of an object's members: converts numbers and booleans that are written as text, in place. */
export function validatorOf(dto: DtoClass): ValidateFunction {
  return ajv.getSchema(declared(dto))!;
}

function declared(dto: DtoClass): string {
  const known = ids.get(dto);
  if (known !== undefined) return known;
  const id = `${dto.name}-${ids.size}`;
  ids.set(dto, id);
  ajv.addSchema(
    membersSchemaOf(dto, (nested) => ({ type: 'object', $ref: declared(nested) })),
    id,
  );
  return id;
}
