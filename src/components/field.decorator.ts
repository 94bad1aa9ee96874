/** `scalar` is a string, a number or a boolean, kept as it is written. */
export type ScalarType = 'string' | 'integer' | 'number' | 'boolean' | 'scalar';
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any class at all
export type DtoClass = abstract new (...args: any[]) => object;
/** A function, so that a class may be named before it is defined. */
export type NestedType = () => DtoClass;
export type FieldType = ScalarType | NestedType | { readonly list: FieldType } | { readonly map: FieldType };

/** What is known of one field of a record: check, mask, published schema and docs are all made from it. */
export interface FieldOptions {
  /** One, or several of different JSON types. */
  readonly type: FieldType | readonly FieldType[];
  /** One sentence for people: meaning, unit, default. */
  readonly doc: string;
  readonly required?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: RegExp;
  /** What the pattern asks for, in words. */
  readonly expected?: string;
  readonly choices?: readonly string[];
  /** Never shown in clear. False: shown although its name looks like a secret's. */
  readonly secret?: boolean;
  /** Why the field has no effect yet: becomes a warning on a record that sets it, so that nobody relies on it. */
  readonly notInForce?: string;
}

const ownFields = new WeakMap<object, Map<string, FieldOptions>>();

/** Declares a field of a record's DTO class. */
export function Field(options: FieldOptions): PropertyDecorator {
  return (prototype, name) => {
    const fields = ownFields.get(prototype) ?? new Map<string, FieldOptions>();
    ownFields.set(prototype, fields.set(String(name), options));
  };
}

/** The fields of a class, those that it inherits first. */
export function fieldsOf(dto: DtoClass): ReadonlyMap<string, FieldOptions> {
  const fields = new Map<string, FieldOptions>();
  const chain: object[] = [];
  for (let at = dto.prototype as object | null; at !== null; at = Object.getPrototypeOf(at) as object | null)
    chain.unshift(at);
  for (const prototype of chain)
    for (const [name, options] of ownFields.get(prototype) ?? []) fields.set(name, options);
  return fields;
}

export function typesOf(options: FieldOptions): readonly FieldType[] {
  return Array.isArray(options.type) ? (options.type as readonly FieldType[]) : [options.type as FieldType];
}
