import { BAD_INPUT, RunnerError } from './errors.js';
import { isObject, type Json, type JsonObject } from './json.js';
import { parseBoth } from './parse-json.js';

/** What the gateway knows of a request. Members that are not listed here are there too. */
export interface RequestMeta {
  readonly id?: string;
  readonly channel?: string;
  /** With a leading slash. */
  readonly path?: string;
  readonly method?: string;
  /** `main` unless the client asked for another. */
  readonly branch?: string;
  readonly origin?: JsonObject;
  /** What the user's token says; empty for guests. */
  readonly claims?: JsonObject;
  readonly sessionId?: string;
  readonly [name: string]: Json | undefined;
}

/** An event twice: `plain` to work with, `exact` to answer with (its numbers are written as they came). */
export interface ReceivedEvent {
  readonly plain: JsonObject;
  readonly exact: JsonObject;
}

/** @throws RunnerError for text that is no JSON object. */
export function readEvent(text: string): ReceivedEvent {
  const { exact, plain } = parseBoth(text);
  if (!isObject(exact) || !isObject(plain)) throw new RunnerError(BAD_INPUT, 'The event is not a JSON object.');
  return { exact, plain };
}

/** A member that should be an object; an empty one where it is anything else. */
export function objectIn(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  return isObject(value) ? value : {};
}

/** The times of an answer, epoch ms. */
export interface Times {
  readonly receiveTime: number;
  readonly endTime: number;
}

/** The event with the returned members beside those that came. The members of the handler win. */
export function successEvent(exact: JsonObject, returned: object, times: Times): object {
  return {
    ...exact,
    payload: { ...objectIn(exact, 'payload'), ...returned },
    result: { ...times, status: 'SUCCESS' },
  };
}

/** The event with the error as its result; its payload stays as it came. */
export function errorEvent(exact: JsonObject, error: RunnerError, times: Times): object {
  const { code, message, http, payload, safePayload } = error;
  return {
    ...exact,
    payload: objectIn(exact, 'payload'),
    result: { ...times, status: 'ERROR', error: { code, message, http, payload, safePayload } },
  };
}
