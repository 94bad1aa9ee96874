import { GatewayError } from '../../errors/gateway.error.js';
import { statusOfRunnerError } from '../../errors/runner-status.js';
import type { Exchange } from '../exchange.js';
import { isObjectAt, JsonFault, memberNamed, membersOf, objectMembers, type Member } from '../json/json-text.js';
import { jsonAnswer, type Answer } from '../stage.js';
import { errorAnswer } from './error-body.js';
import { answerParts, type AnswerParts } from './response-part.js';

export interface EventAnswerRules {
  readonly returnsErrorPayload: boolean;
  readonly allowedRunnerHeaders: ReadonlySet<string>;
}

/** The event and its payload stand around what a client may nest as deep as any body. */
const ENVELOPE_DEPTH = -2;

/**
 * What a client gets of a runner's answer (spec/runner-contract.md, rpc): the event's payload without `parameters`; where nothing else
 * is left, the content of `parameters`; an error where result says so; and JSON that is no event as it is. Parts go out as the text
 * that came, so numbers keep their spelling.
 * @throws GatewayError ANSWER_UNREADABLE, or what an HTTP error without an event stands for
 */
export function answerEvent(text: string, httpStatus: number, exchange: Exchange, rules: EventAnswerRules): Answer {
  const members = readMembers(text, httpStatus);
  const payload = members === null ? null : memberNamed(members, 'payload');
  const hasPayload = payload !== null && isObjectAt(text, payload.value);
  const isEvent = hasPayload || (members !== null && memberNamed(members, 'requestMeta') !== null);
  if (!isEvent) {
    if (httpStatus >= 300) throw httpFailure(httpStatus);
    return jsonAnswer(200, text);
  }
  const result = memberNamed(members!, 'result');
  if (result !== null && isObjectAt(text, result.value)) {
    const failed = failedResult(text, result, exchange, rules);
    if (failed !== null) return failed;
  }
  if (httpStatus >= 300) throw httpFailure(httpStatus);
  return hasPayload ? answerPayload(text, payload, rules) : jsonAnswer(200, '{}');
}

function readMembers(text: string, httpStatus: number): Member[] | null {
  try {
    return objectMembers(text, ENVELOPE_DEPTH);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    if (httpStatus >= 300) throw httpFailure(httpStatus);
    throw new GatewayError('ANSWER_UNREADABLE', { cause: 'the answer is not JSON' });
  }
}

/** An HTTP error without an event in it: 4xx, 503 and 504 keep their status, any other is 502. Its body never passes. */
function httpFailure(status: number): GatewayError {
  const cause = `the backend answered with status ${status}`;
  if (status === 503) return new GatewayError('BACKEND_UNAVAILABLE', { cause });
  if (status === 504) return new GatewayError('BACKEND_TIMEOUT', { cause });
  if (status >= 400 && status < 500) return new GatewayError('BACKEND_FAILED', { cause, status });
  return new GatewayError('BACKEND_FAILED', { cause });
}

function answerPayload(text: string, payload: Member, rules: EventAnswerRules): Answer {
  const { members } = membersOf(text, payload.value, ENVELOPE_DEPTH + 1);
  let left = '';
  let parameters: Member | null = null;
  let response: Member | null = null;
  for (const member of members) {
    if (member.name === 'parameters') parameters = member;
    else if (member.name === '_response') response = member;
    else left += `${left === '' ? '' : ','}${text.slice(member.start, member.end)}`;
  }
  const body = left === '' && parameters !== null ? text.slice(parameters.value, parameters.end) : `{${left}}`;
  if (response === null) return jsonAnswer(200, body);
  const parts: AnswerParts = answerParts(text.slice(response.value, response.end), rules.allowedRunnerHeaders);
  return jsonAnswer(parts.status ?? 200, body, parts.headers);
}

interface RunnerError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly http?: unknown;
  readonly errorHttp?: unknown;
  readonly httpStatus?: unknown;
}

/** Only result.status and result.error are errors; an `error` inside a payload is data. */
function failedResult(text: string, result: Member, exchange: Exchange, rules: EventAnswerRules): Answer | null {
  const { members } = membersOf(text, result.value, ENVELOPE_DEPTH + 1);
  const errorMember = memberNamed(members, 'error');
  const hasError = errorMember !== null && isObjectAt(text, errorMember.value);
  if (!hasError) {
    const status = memberNamed(members, 'status');
    if (status === null || text.slice(status.value, status.end) !== '"ERROR"') return null;
    exchange.error = 'RUNNER_ERROR';
    return errorAnswer(
      { status: 500, code: 500, message: 'the runner reports an error', payload: null },
      exchange.requestId,
      null,
    );
  }
  const parts = membersOf(text, errorMember.value, ENVELOPE_DEPTH + 2).members;
  const error = JSON.parse(text.slice(errorMember.value, errorMember.end)) as RunnerError;
  const code = wholeNumber(error.code) ?? 500;
  const safe = memberNamed(parts, 'safePayload');
  const full = rules.returnsErrorPayload ? memberNamed(parts, 'payload') : null;
  const shown = full ?? safe;
  exchange.error = 'RUNNER_ERROR';
  return errorAnswer(
    {
      status: statusOfRunnerError(code, wholeNumber(error.http ?? error.errorHttp ?? error.httpStatus)),
      code,
      message: typeof error.message === 'string' ? error.message : 'the runner reports an error',
      payload: shown === null ? null : text.slice(shown.value, shown.end),
    },
    exchange.requestId,
    null,
  );
}

function wholeNumber(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}
