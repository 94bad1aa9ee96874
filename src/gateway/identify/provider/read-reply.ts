import { GatewayError } from '../../../errors/gateway.error.js';
import { statusOfRunnerError } from '../../../errors/runner-status.js';
import { isObjectAt, JsonFault, memberNamed, membersOf, objectMembers, type Member } from '../../json/json-text.js';
import type { ServerReply } from './bounded-call.js';

/** What a server answered: JSON texts of objects. */
export interface GoodReply {
  readonly kind: 'good';
  /** Without `parameters`: what the client sent is no answer, though empty flows send it back. */
  readonly payload: string;
  readonly requestMeta: string;
  /** False where the answer is no event; it stands in `payload` as a whole then. */
  readonly isEvent: boolean;
}

export interface ErrorReply {
  readonly kind: 'error';
  readonly status: number;
  readonly code: number;
  /** What the server says of it; null: nothing that may be told on. */
  readonly message: string | null;
  /** JSON text that may reach clients. */
  readonly safePayload: string | null;
}

/** The envelope of an event stands around what may be nested as deep as any body. */
const ENVELOPE_DEPTH = -2;
const NO_CONTENT = 204;

/**
 * Reads an answer (spec/runner-contract.md): an event, or any other object. Errors of an event are those in its result; an HTTP error
 * without one has no message, but over plain HTTP, where the body is the server's own word.
 * @throws GatewayError ANSWER_UNREADABLE
 */
export function readReply(reply: ServerReply, isPlainHttp: boolean): GoodReply | ErrorReply {
  const { status, text } = reply;
  const members = membersIn(text);
  if (members === null) return withoutObject(reply, isPlainHttp);
  const payload = objectNamed(text, members, 'payload');
  const isEvent = payload !== null || memberNamed(members, 'requestMeta') !== null;
  const result = isEvent ? objectNamed(text, members, 'result') : null;
  const failed = result === null ? null : resultError(text, result);
  if (failed !== null) return failed;
  if (status >= 300) return (isPlainHttp && !isEvent ? plainError(text, members, status) : null) ?? httpError(status);
  // Some servers say so with a good status.
  const said = isEvent ? null : saidError(text, members);
  if (said !== null) return said;
  if (!isEvent) return { kind: 'good', payload: text, requestMeta: '{}', isEvent };
  const metadata = objectNamed(text, members, 'requestMeta');
  return {
    kind: 'good',
    payload: payload === null ? '{}' : answerPart(text, payload),
    requestMeta: metadata === null ? '{}' : text.slice(metadata.value, metadata.end),
    isEvent,
  };
}

function membersIn(text: string): Member[] | null {
  try {
    return objectMembers(text, ENVELOPE_DEPTH);
  } catch (error) {
    if (error instanceof JsonFault) return null;
    throw error;
  }
}

function withoutObject({ status, text }: ServerReply, isPlainHttp: boolean): GoodReply | ErrorReply {
  if (status >= 300) return httpError(status);
  if (isPlainHttp && status === NO_CONTENT && text === '')
    return { kind: 'good', payload: '{}', requestMeta: '{}', isEvent: false };
  throw new GatewayError('ANSWER_UNREADABLE', { cause: 'the answer is no JSON object' });
}

function answerPart(text: string, payload: Member): string {
  const left = membersOf(text, payload.value, ENVELOPE_DEPTH + 1).members.filter(
    ({ name }) => name !== 'parameters' && name !== '_response',
  );
  return `{${left.map(({ start, end }) => text.slice(start, end)).join(',')}}`;
}

interface ErrorMembers {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly http?: unknown;
  readonly errorHttp?: unknown;
  readonly httpStatus?: unknown;
}

function resultError(text: string, result: Member): ErrorReply | null {
  const { members } = membersOf(text, result.value, ENVELOPE_DEPTH + 1);
  const error = objectNamed(text, members, 'error');
  if (error !== null) {
    const { code, http, ...rest } = errorParts(text, error, 'safePayload');
    return { kind: 'error', status: statusOfRunnerError(code ?? 500, http), code: code ?? 500, ...rest };
  }
  const status = memberNamed(members, 'status');
  if (status === null || text.slice(status.value, status.end) !== '"ERROR"') return null;
  return { kind: 'error', status: 500, code: 500, message: null, safePayload: null };
}

function saidError(text: string, members: readonly Member[]): ErrorReply | null {
  const error = objectNamed(text, members, 'error');
  if (error === null) return null;
  const { code, http, ...rest } = errorParts(text, error, 'safePayload');
  return { kind: 'error', status: statusOfRunnerError(code ?? 500, http), code: code ?? 500, ...rest };
}

/** `{"error": {"code", "message", "safePayload"}}`: the server's own word. */
function plainError(text: string, members: readonly Member[], status: number): ErrorReply | null {
  const error = objectNamed(text, members, 'error');
  if (error === null) return null;
  const { code, message, safePayload } = errorParts(text, error, 'safePayload');
  return { kind: 'error', status, code: code ?? status, message, safePayload };
}

function httpError(status: number): ErrorReply {
  return { kind: 'error', status, code: status, message: null, safePayload: null };
}

function errorParts(text: string, error: Member, payloadName: string) {
  const { members } = membersOf(text, error.value, ENVELOPE_DEPTH + 2);
  const { code, message, ...http } = JSON.parse(text.slice(error.value, error.end)) as ErrorMembers;
  const shown = memberNamed(members, payloadName);
  return {
    code: wholeNumber(code),
    http: wholeNumber(http.http ?? http.errorHttp ?? http.httpStatus),
    message: typeof message === 'string' ? message : null,
    safePayload: shown === null ? null : text.slice(shown.value, shown.end),
  };
}

function objectNamed(text: string, members: readonly Member[], name: string): Member | null {
  const member = memberNamed(members, name);
  return member !== null && isObjectAt(text, member.value) ? member : null;
}

function wholeNumber(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}
