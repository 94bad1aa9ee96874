import { BAD_FILTER, BAD_INPUT, RunnerError } from '../errors.js';
import { isObject, numberText, type Json } from '../json.js';
import { checkFilter, isOperator, OPERATORS, type Filter } from './filter.js';
import { fieldPath, type FieldPath } from './record.js';

/** Names and values of a query; a repeated name has several. */
export type QueryValues = ReadonlyMap<string, readonly string[]>;

/** What a list is asked for. */
export interface ListQuery {
  readonly skip: number;
  /** Infinity without one. */
  readonly limit: number;
  /** Null: all. */
  readonly ids: ReadonlySet<string> | null;
  /** Null: whole records. */
  readonly fields: readonly FieldPath[] | null;
  readonly orderBy: readonly Order[];
  /** All of them must hold. */
  readonly filters: readonly Filter[];
}
export interface Order {
  readonly path: FieldPath;
  readonly isDescending: boolean;
}

export function queryOfUrl(query: string): QueryValues {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}

/** The same from an event's parameters or an action's meta, where values may be numbers, booleans and lists of them. */
export function queryOfParameters(parameters: Json | undefined): QueryValues {
  const entries = isObject(parameters) ? Object.entries(parameters) : [];
  return new Map(
    entries
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, (Array.isArray(value) ? value : [value]).map((one: Json) => textOf(name, one))]),
  );
}

/**
 * Reads skip, limit, ids, fields, orderBy and `{field}.{operator}`. Other names with a dot are refused, so that no misspelt
 * filter lets everything through; other names without one mean nothing here.
 * @throws RunnerError
 */
export function readListQuery(values: QueryValues): ListQuery {
  return {
    skip: count(values, 'skip') ?? 0,
    limit: count(values, 'limit') ?? Infinity,
    ids: values.has('ids') ? new Set(commaList(values, 'ids')) : null,
    fields: readFields(values),
    orderBy: commaList(values, 'orderBy').map(readOrder),
    filters: [...values].filter(([name]) => name.includes('.')).flatMap(([name, given]) => readFilters(name, given)),
  };
}

export function readFields(values: QueryValues): readonly FieldPath[] | null {
  const fields = commaList(values, 'fields');
  return fields.length === 0 ? null : fields.map(fieldPath);
}

function readFilters(name: string, given: readonly string[]): Filter[] {
  const dot = name.lastIndexOf('.');
  const operator = name.slice(dot + 1);
  if (!isOperator(operator) || dot === 0) {
    throw new RunnerError(BAD_FILTER, `The filter ${name} ends in no known operator (${OPERATORS.join(', ')}).`);
  }
  const path = fieldPath(name.slice(0, dot));
  return given.map((value) => checkFilter({ path, operator, value }));
}

function readOrder(text: string): Order {
  const [name = '', direction = 'asc', ...rest] = text.split(/\s+/);
  if (rest.length > 0 || !/^(asc|desc)$/i.test(direction)) {
    throw new RunnerError(BAD_INPUT, `orderBy is a field with asc or desc, not "${text}".`);
  }
  return { path: fieldPath(name), isDescending: direction.toLowerCase() === 'desc' };
}

function commaList(values: QueryValues, name: string): string[] {
  const parts = (values.get(name) ?? []).flatMap((value) => value.split(','));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function count(values: QueryValues, name: string): number | null {
  const text = values.get(name)?.at(-1);
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text)) throw new RunnerError(BAD_INPUT, `${name} is a whole number of at least 0.`);
  return Number(text);
}

function textOf(name: string, value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  const text = numberText(value);
  if (text === null) throw new RunnerError(BAD_INPUT, `The value of ${name} is neither text nor a number.`);
  return text;
}
