import { MISSING_RECORD, RECORD_EXISTS, RunnerError } from '../errors.js';
import type { RequestMeta } from '../event.js';
import type { Json, JsonObject } from '../json.js';
import { errorReply, jsonReply, type Reply } from '../reply.js';
import { readAction, wrapAt, type Operation, type StateTask } from './action.js';
import { mergePatch } from './merge-patch.js';
import { readFields, readListQuery, type QueryValues } from './query.js';
import { checkId, newId, project, readBody } from './record.js';
import type { Store } from './store.js';

export interface StateOptions {
  /** Runs before each operation; a RunnerError that it throws is the answer. `id` is null for lists and for ids still to be made. */
  readonly guard?: (access: StateAccess) => void | Promise<void>;
}
export interface StateAccess {
  readonly operation: Operation;
  readonly id: string | null;
  readonly requestMeta: RequestMeta;
}

/** A collection of records under its name. */
export interface State extends StateOptions {
  readonly name: string;
  readonly store: Store;
}

export interface StateRequest {
  readonly method: string;
  /** What stands behind the state's name. */
  readonly segments: readonly string[];
  readonly query: QueryValues;
  /** Undefined where none came. */
  readonly body: Json | undefined;
  readonly requestMeta: RequestMeta;
}

/** Answers a request below `/{state}`; failures that the client may know of are answers too. */
export async function answerState(state: State, request: StateRequest): Promise<Reply> {
  try {
    const { task, output } = readTask(request);
    await state.guard?.({ operation: task.operation, id: idOf(task), requestMeta: request.requestMeta });
    const { status, value } = await perform(state.store, task);
    return jsonReply(status, wrapAt(output, value));
  } catch (error) {
    if (error instanceof MethodNotAllowed) return errorReply(error, { allow: error.allow });
    if (error instanceof RunnerError) return errorReply(error);
    throw error;
  }
}

const idOf = ({ operation, id, body }: StateTask) => (operation === 'create' ? (id ?? readBody(body).id) : id);

class MethodNotAllowed extends RunnerError {
  constructor(readonly allow: string) {
    super(405, `This path takes ${allow}.`);
  }
}

function readTask(request: StateRequest): { readonly task: StateTask; readonly output: readonly string[] } {
  const { query, body } = request;
  const [id, ...rest] = request.segments;
  if (rest.length > 0) throw new RunnerError(404, 'A record has no paths below it.');
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const operations = id === undefined ? OF_STATE : id === '@' ? OF_ACTION : OF_RECORD;
  const operation = operations.get(method);
  if (operation === undefined) throw new MethodNotAllowed([...operations.keys()].join(', '));
  return operation === 'action' ? readAction(body) : { task: { operation, id: id ?? null, query, body }, output: [] };
}
const OF_STATE: ReadonlyMap<string, Operation | 'action'> = new Map([
  ['GET', 'list'],
  ['POST', 'create'],
]);
const OF_RECORD: typeof OF_STATE = new Map([
  ['GET', 'get'],
  ['POST', 'create'],
  ['PUT', 'set'],
  ['PATCH', 'update'],
  ['DELETE', 'delete'],
]);
const OF_ACTION: typeof OF_STATE = new Map([['POST', 'action']]);

interface Outcome {
  readonly status: number;
  readonly value: object;
}

async function perform(store: Store, { operation, id, query, body }: StateTask): Promise<Outcome> {
  if (operation === 'list') {
    const wanted = readListQuery(query);
    const records = await store.list(wanted);
    return { status: 200, value: { list: records.map((record) => project(record, wanted.fields)) } };
  }
  if (operation === 'create') return create(store, id, body);
  const known = checkId(id);
  switch (operation) {
    case 'get': {
      const record = (await store.get(known)) ?? missing(known);
      return { status: 200, value: project(record, readFields(query)) };
    }
    case 'set':
      return set(store, known, body);
    case 'update':
      return update(store, known, body);
    case 'delete':
      return remove(store, known);
  }
}

async function create(store: Store, idInPath: string | null, body: Json | undefined): Promise<Outcome> {
  const given = readBody(body);
  const id = idInPath === null ? (given.id ?? newId()) : sameId(checkId(idInPath), given.id);
  await store.change(id, (before) => {
    if (before !== null) throw new RunnerError(RECORD_EXISTS, `There is a record ${id} already.`);
    return given.data;
  });
  return { status: 201, value: { id, data: given.data } };
}

/** PUT makes the record where there is none (RFC 9110, 9.3.4). */
async function set(store: Store, id: string, body: Json | undefined): Promise<Outcome> {
  const given = readBody(body);
  sameId(id, given.id);
  let status = 200;
  await store.change(id, (before) => {
    if (before === null) status = 201;
    return given.data;
  });
  return { status, value: { id, data: given.data } };
}

async function update(store: Store, id: string, body: Json | undefined): Promise<Outcome> {
  const patch = readBody(body);
  sameId(id, patch.id);
  let data: JsonObject = {};
  await store.change(id, (before) => (data = mergePatch(before ?? missing(id), patch.data)));
  return { status: 200, value: { id, data } };
}

async function remove(store: Store, id: string): Promise<Outcome> {
  let data: JsonObject = {};
  await store.change(id, (before) => {
    data = before ?? missing(id);
    return null;
  });
  return { status: 200, value: { id, data } };
}

function missing(id: string): never {
  throw new RunnerError(MISSING_RECORD, `There is no record ${id}.`);
}

function sameId(id: string, idInBody: string | null): string {
  if (idInBody !== null && idInBody !== id)
    throw new RunnerError(400, 'The id in the body is not the one in the path.');
  return id;
}
