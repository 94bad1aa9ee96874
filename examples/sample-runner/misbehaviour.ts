import { setTimeout as delay } from 'node:timers/promises';
import { objectIn, reply, RunnerError, type RpcCall, type Runner, type SpecialReply } from '../runner-kit/index.js';
import { boundedFrom, numberFrom, textFrom } from './parameters.js';

const MAX_SLOW_MS = 60_000;
const MAX_BIG_BYTES = 50 * 1024 * 1024;

/** Paths that fail in the ways in which runners fail: to see what the gateway makes of it. */
export function addMisbehaviour(runner: Runner): void {
  runner
    .rpc('/Slow', answerLate)
    .rpc('/Fail', fail)
    .rpc('/Hang', hang)
    .rpc('/Garbage', () => reply.raw({ body: '<html>this is no JSON' }))
    .rpc('/Big', answerMuch)
    .rpc('/Reset', (): SpecialReply => reply.reset());
}

/** Answers after `ms`, default 1000; stops when the caller goes. */
async function answerLate({ parameters, signal }: RpcCall): Promise<object> {
  const ms = boundedFrom(parameters['ms'], 1000, MAX_SLOW_MS);
  await delay(ms, undefined, { signal });
  return { waitedMs: ms };
}

/** Fails with what the parameters say: `code`, `message`, `http`, `payload`, `safePayload`. */
function fail({ parameters, exact }: RpcCall): never {
  const { code, message, http } = parameters;
  // The payloads as they were written.
  const { payload, safePayload } = objectIn(objectIn(exact, 'payload'), 'parameters');
  throw new RunnerError(numberFrom(code, 500), textFrom(message, 'This path always fails.'), {
    ...(http === undefined ? {} : { http: numberFrom(http, 500) }),
    ...(payload === undefined ? {} : { payload }),
    ...(safePayload === undefined ? {} : { safePayload }),
  });
}

/** Never answers: it ends when the caller goes. */
function hang({ signal }: RpcCall): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Answers `bytes` letters, default 2,000,000. */
function answerMuch({ parameters }: RpcCall): object {
  return { big: 'x'.repeat(boundedFrom(parameters['bytes'], 2_000_000, MAX_BIG_BYTES)) };
}
