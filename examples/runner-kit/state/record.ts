import { randomUUID } from 'node:crypto';
import { BAD_INPUT, RunnerError } from '../errors.js';
import { isObject, member, numberText, type Json, type JsonObject } from '../json.js';

/** What a state holds: the id beside the data, never in it. */
export interface StoredRecord {
  readonly id: string;
  readonly data: JsonObject;
}

/** Names from the record down, beginning with `id` or `data`. */
export type FieldPath = readonly string[];

/** `data.status` and `id` as they stand; any other name means the same below `data`. */
export function fieldPath(name: string): FieldPath {
  const path = name.split('.');
  return path[0] === 'id' || path[0] === 'data' ? path : ['data', ...path];
}

export function valueAt({ id, data }: StoredRecord, path: FieldPath): Json | undefined {
  return path.reduce<Json | undefined>(member, { id, data });
}

/** The id and what a field list names; the rest is left out. */
export function project(record: StoredRecord, fields: readonly FieldPath[] | null): object {
  if (fields === null) return { id: record.id, data: record.data };
  const tree = new Map<string, Branch>();
  for (const path of fields) grow(tree, path);
  return { id: record.id, data: {}, ...(cut({ id: record.id, data: record.data }, tree) as object) };
}

/** Null: the whole value. */
type Branch = Map<string, Branch> | null;

function grow(tree: Map<string, Branch>, path: FieldPath): void {
  let level = tree;
  for (const [depth, name] of path.entries()) {
    const known = level.get(name);
    if (known === null) return;
    if (depth === path.length - 1) {
      level.set(name, null);
      return;
    }
    const next = known ?? new Map<string, Branch>();
    level.set(name, next);
    level = next;
  }
}

function cut(value: Json, branch: Branch): Json {
  if (branch === null || !isObject(value)) return value;
  // fromEntries defines members, so that `__proto__` stays data.
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const next = branch.get(name);
      if (next === undefined || (next !== null && !isObject(inner))) return [];
      return [[name, cut(inner, next)]];
    }),
  );
}

/** A body is `{id?, data}`, or a bare object that becomes the data, of which an `id` is taken out. */
export function readBody(body: Json | undefined): { readonly id: string | null; readonly data: JsonObject } {
  if (body === undefined) return { id: null, data: {} };
  if (!isObject(body)) throw new RunnerError(BAD_INPUT, 'The body is not a JSON object.');
  const { id, ...rest } = body;
  const isEnvelope = Object.hasOwn(rest, 'data') && Object.keys(rest).length === 1;
  const data = isEnvelope ? rest['data'] : rest;
  if (!isObject(data)) throw new RunnerError(BAD_INPUT, 'data is not a JSON object.');
  return { id: id === undefined || id === null ? null : checkId(typeof id === 'string' ? id : numberText(id)), data };
}

export const newId = (): string => randomUUID();

/** Refuses ids that no URL through the gateway can name. */
export function checkId(id: string | null): string {
  if (id === null || !/^[^/\\;\x00-\x1f\x7f]{1,256}$/.test(id) || id === '.' || id === '..' || id === '@') {
    throw new RunnerError(
      BAD_INPUT,
      'The id is no text of 1 to 256 characters without slashes, semicolons and controls.',
    );
  }
  return id;
}
