import { Inject, Injectable } from '@nestjs/common';
import type {
  Callee,
  CalleeBounds,
  Cancellation,
  Destination,
  Executor,
  PrepareContext,
  RunnerAnswer,
  RunnerCall,
  Target,
} from '../../contracts/executor.js';
import { RegisterExecutor } from './executor.decorator.js';
import { HTTP_PARAMETERS } from './http-parameter-specs.js';
import { readHttpParameters } from './http-parameters.js';
import { HttpTarget } from './http-target.js';
import { HTTP_WIRING, type HttpWiring } from './http-wiring.js';
import { timeLeft } from './time-left.js';
import { forwardedHeaders, forwardedNames } from './outgoing-headers.js';
import { passedHeaders } from './runner-headers.js';
import { targetPath } from './rpc.executor.js';

/** The client's method on `{server.baseUrl}{target}{path}?{query}`, body and answer as they come (spec/runner-contract.md). */
@Injectable()
@RegisterExecutor('crud', 'CRUDExecutor')
export class CrudExecutor implements Executor {
  readonly parameterSpecs = HTTP_PARAMETERS;

  constructor(@Inject(HTTP_WIRING) private readonly wiring: HttpWiring) {}

  prepare(parameters: ReadonlyMap<string, string>, context: PrepareContext): Target {
    const { maxBufferedBytes } = context;
    const read = readHttpParameters(parameters, { maxBufferedBytes, hasConsul: this.wiring.hasConsul });
    return new HttpTarget(context, read, this.wiring, (target, destination) => new CrudCallee(target, destination));
  }
}

class CrudCallee implements Callee {
  readonly takes = 'body';
  readonly bounds: CalleeBounds;
  private readonly prefix: string;
  private readonly forwards: readonly string[];

  constructor(
    private readonly target: HttpTarget,
    private readonly destination: Destination,
  ) {
    this.bounds = target.parameters.bounds;
    this.prefix = target.parameters.basePath + targetPath(destination.target);
    this.forwards = forwardedNames(target.parameters.forwardHeaders, target.parameters.headers);
  }

  async execute(call: RunnerCall, cancellation: Cancellation): Promise<RunnerAnswer> {
    const { target } = this;
    const headers = forwardedHeaders(call.headers, this.forwards);
    for (const item of target.parameters.headers) headers.push(item);
    headers.push('traceparent', call.traceparent, 'request_metadata', base64(call.requestMeta()));
    const { tracestate } = call;
    if (tracestate !== null) headers.push('tracestate', tracestate);
    const { body } = call;
    if (body !== null && !Buffer.isBuffer(body) && call.bodyLength !== null)
      headers.push('content-length', String(call.bodyLength));
    const path = this.prefix + call.encodedPath || '/';
    const answer = await target.stream(
      {
        method: this.destination.method ?? call.method,
        path: call.query === '' ? path : `${path}?${call.query}`,
        headers,
        body,
        timeoutMs: timeLeft(call, target.timeoutMs),
        sentOnce: call.sentOnce === true,
        witness: call.witness ?? null,
      },
      cancellation,
    );
    const passed = passedHeaders(answer.headers, {
      allowed: this.destination.allowedRunnerHeaders,
      backendOrigin: target.parameters.origin,
      backendPrefix: this.prefix,
      publicPrefix: call.publicPrefix,
    });
    return { kind: 'stream', status: answer.status, headers: passed, body: answer.body };
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
