import { BAD_INPUT, MISSING_INPUT, MISSING_PARAMETER, RunnerError } from '../errors.js';
import { isObject, member, type Json, type JsonObject } from '../json.js';
import { queryOfParameters, type QueryValues } from './query.js';

/** What the methods of a state can do, apart from how they were asked. */
export type Operation = 'list' | 'get' | 'create' | 'set' | 'update' | 'delete';

/** One of them with its input, ready to be done. */
export interface StateTask {
  readonly operation: Operation;
  /** The record's id, null where the operation has none, or where it is to be made. */
  readonly id: string | null;
  readonly query: QueryValues;
  readonly body: Json | undefined;
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  list: 'list',
  getall: 'list',
  get: 'get',
  create: 'create',
  set: 'set',
  update: 'update',
  delete: 'delete',
};

const NEEDS_INPUT: ReadonlySet<Operation> = new Set(['create', 'set', 'update']);

/**
 * Reads the body of `POST /{state}/@`. `inputElement` is the input itself, or the dotted path to it in the body (`parameters` without
 * one); `meta` holds the id and, for a list, the query; `outputElement` is the path at which the answer stands (nothing: it is the answer).
 */
export function readAction(body: Json | undefined): { readonly task: StateTask; readonly output: readonly string[] } {
  if (!isObject(body)) throw new RunnerError(MISSING_INPUT, 'An action needs a JSON object with "action".');
  const { action, inputElement = 'parameters', outputElement, meta } = body;
  if (typeof action !== 'string') throw new RunnerError(MISSING_PARAMETER, '"action" is missing.');
  const name = action.toLowerCase();
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined) throw new RunnerError(BAD_INPUT, `There is no action ${action}.`);
  const input =
    typeof inputElement === 'string'
      ? elementPath(inputElement).reduce(member, body as Json | undefined)
      : inputElement;
  if (input === undefined && NEEDS_INPUT.has(operation))
    throw new RunnerError(MISSING_INPUT, 'The input element is missing.');
  const query = queryOfParameters(operation === 'list' ? { ...asObject(input), ...asObject(meta) } : meta);
  const id =
    query.get('id')?.at(-1) ??
    (isObject(input) ? queryOfParameters({ id: input['id'] ?? null }).get('id')?.[0] : undefined);
  if (operation !== 'list' && operation !== 'create' && id === undefined) {
    throw new RunnerError(MISSING_PARAMETER, 'The id is missing, in the input or in meta.');
  }
  const output = typeof outputElement === 'string' ? elementPath(outputElement) : [];
  return { task: { operation, id: operation === 'list' ? null : (id ?? null), query, body: input }, output };
}

/** The value below the names of a path: `a.b` gives `{a: {b: value}}`. */
export function wrapAt(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, name) => Object.fromEntries([[name, inner]]), value);
}

/** `product`, `$.product` */
function elementPath(text: string): readonly string[] {
  const path = text
    .replace(/^\$\.?/, '')
    .split('.')
    .filter((name) => name !== '');
  if (path.length > 20) throw new RunnerError(BAD_INPUT, 'The path of an element has at most 20 names.');
  return path;
}

const asObject = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
