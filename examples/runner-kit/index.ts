/** What a team needs to write a runner; docs/runner-kit.md shows how. */
export { createRunner, Runner, type LocalRequest, type LocalResponse, type RunnerOptions } from './runner.js';
export { RunnerError, type RunnerErrorDetails } from './errors.js';
export { reply, SpecialReply } from './reply.js';
export { isObject, numberText, type Json, type JsonObject } from './json.js';
export { parseExact, parsePlain } from './parse-json.js';
export { objectIn, type RequestMeta } from './event.js';
export type { RpcCall, RpcHandler } from './rpc.js';
export type { Listening, ListenOptions } from './http/server.js';
export type { StateAccess, StateOptions } from './state/crud.js';
export type { Operation } from './state/action.js';
export type { StoredRecord } from './state/record.js';
export type { ListQuery } from './state/query.js';
export { memoryStore, selectRecords, type Change, type Records, type Store } from './state/store.js';
export { fileStore } from './state/file-store.js';
