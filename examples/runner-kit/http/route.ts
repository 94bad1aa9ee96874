import type { IncomingMessage } from 'node:http';
import { RunnerError } from '../errors.js';
import type { RequestMeta } from '../event.js';
import { isObject, type Json } from '../json.js';
import { parseExact } from '../parse-json.js';
import { errorReply, jsonReply, type Reply } from '../reply.js';
import { answerState, type State } from '../state/crud.js';
import { queryOfUrl } from '../state/query.js';
import { readBody } from './read-body.js';
import { below, decodeSegments, type Targets } from './targets.js';

/** What a server serves. */
export interface Routes {
  readonly targets: Targets;
  readonly maxBodyBytes: number;
  readonly rpc: (path: string, event: string, signal: AbortSignal) => Promise<Reply>;
  readonly state: (name: string) => State | undefined;
  readonly report: (error: unknown, path: string) => void;
}

/** @throws RunnerError for what the client did wrong. */
export async function route(routes: Routes, request: IncomingMessage, signal: AbortSignal): Promise<Reply> {
  const { targets } = routes;
  const [path = '', query = ''] = splitOnce(request.url ?? '', '?');
  const segments = decodeSegments(path);
  if (path === '/health') return jsonReply(200, { status: 'UP' });
  // The longer target first: one may lie below the other.
  const kinds = targets.crud.length > targets.rpc.length ? (['crud', 'rpc'] as const) : (['rpc', 'crud'] as const);
  for (const kind of kinds) {
    const rest = below(targets[kind], segments);
    if (rest !== null)
      return kind === 'rpc' ? routeRpc(routes, request, rest, signal) : routeCrud(routes, request, rest, query);
  }
  throw new RunnerError(404, 'Nothing is served at this path.');
}

async function routeRpc(
  routes: Routes,
  request: IncomingMessage,
  rest: readonly string[],
  signal: AbortSignal,
): Promise<Reply> {
  if (request.method !== 'POST')
    return errorReply(new RunnerError(405, 'Events are sent with POST.'), { allow: 'POST' });
  return routes.rpc(`/${rest.join('/')}`, await readBody(request, routes.maxBodyBytes), signal);
}

async function routeCrud(
  routes: Routes,
  request: IncomingMessage,
  rest: readonly string[],
  query: string,
): Promise<Reply> {
  const [name = '', ...segments] = rest;
  const state = routes.state(name);
  if (state === undefined) throw new RunnerError(404, 'There is no such state.');
  const method = request.method ?? '';
  return answerState(state, {
    method,
    segments,
    query: queryOfUrl(query),
    body: METHODS_WITH_BODY.has(method) ? readJson(await readBody(request, routes.maxBodyBytes)) : undefined,
    requestMeta: readRequestMeta(request.headers['request_metadata']),
  });
}
const METHODS_WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

const readJson = (text: string): Json | undefined => (text.trim() === '' ? undefined : parseExact(text));

/** Base64 of JSON; anything else is as good as none. */
function readRequestMeta(header: string | string[] | undefined): RequestMeta {
  if (typeof header !== 'string') return {};
  try {
    const value = parseExact(Buffer.from(header, 'base64').toString('utf8'));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
