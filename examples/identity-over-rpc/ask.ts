import { isObject, objectIn, type Json, type JsonObject } from '../runner-kit/index.js';

/** What a gateway sends with a call. */
export interface Asked {
  /** Credentials: requestMeta.auth. */
  readonly auth?: JsonObject;
  readonly origin?: JsonObject;
  /** The client's body: payload.parameters. */
  readonly parameters?: Json;
}

export interface Answered {
  readonly status: number;
  /** The payload without the parameters that were sent. */
  readonly payload: JsonObject;
  readonly error: JsonObject | undefined;
}

/** Calls the server with an event, as a gateway with executor `rpc` does. */
export async function askEvent(baseUrl: string, path: string, asked: Asked = {}): Promise<Answered> {
  const { auth = {}, origin = {}, parameters = {} } = asked;
  const event = { requestMeta: { id: 'r1', path, method: 'POST', origin, auth }, payload: { parameters } };
  const { status, body } = await post(`${baseUrl}${path}`, event);
  const { parameters: _parameters, ...payload } = objectIn(body, 'payload');
  const error = objectIn(body, 'result')['error'];
  return { status, payload, error: isObject(error) ? error : undefined };
}

/** Calls the plain twin, as a gateway with executor `crud` does; without a body it sends none. */
export async function askPlain(
  baseUrl: string,
  path: string,
  body?: Json,
): Promise<{ status: number; body: JsonObject }> {
  return post(`${baseUrl}/http${path}`, body);
}

async function post(url: string, body?: unknown): Promise<{ status: number; body: JsonObject }> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, ...init });
  return { status: response.status, body: (await response.json()) as JsonObject };
}
