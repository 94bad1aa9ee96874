import { isUtf8 } from 'node:buffer';
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
import { encodedPath } from '../resolve/normal-path.js';
import { RegisterExecutor } from './executor.decorator.js';
import { HTTP_PARAMETERS } from './http-parameter-specs.js';
import { readHttpParameters } from './http-parameters.js';
import { HttpTarget } from './http-target.js';
import { HTTP_WIRING, type HttpWiring } from './http-wiring.js';
import { timeLeft } from './time-left.js';
import { publicLocation } from './runner-headers.js';

/** `POST {server.baseUrl}{target}{path}` with the event as JSON; the answer is an event (spec/runner-contract.md). */
@Injectable()
@RegisterExecutor('rpc', 'RPCExecutor')
export class RpcExecutor implements Executor {
  readonly parameterSpecs = HTTP_PARAMETERS;

  constructor(@Inject(HTTP_WIRING) private readonly wiring: HttpWiring) {}

  prepare(parameters: ReadonlyMap<string, string>, context: PrepareContext): Target {
    const { maxBufferedBytes } = context;
    const read = readHttpParameters(parameters, { maxBufferedBytes, hasConsul: this.wiring.hasConsul });
    return new HttpTarget(context, read, this.wiring, (target, destination) => new RpcCallee(target, destination));
  }
}

class RpcCallee implements Callee {
  readonly takes = 'event';
  readonly bounds: CalleeBounds;
  private readonly prefix: string;
  private readonly method: string;
  private readonly headers: readonly string[];

  constructor(
    private readonly target: HttpTarget,
    destination: Destination,
  ) {
    const { basePath, headers, bounds } = target.parameters;
    this.bounds = bounds;
    this.prefix = basePath + targetPath(destination.target);
    this.method = destination.method ?? 'POST';
    this.headers = ['content-type', 'application/json', 'accept', 'application/json', ...headers];
  }

  publicLocation(location: string, publicPrefix: string): string {
    return publicLocation(location, {
      backendOrigin: this.target.parameters.origin,
      backendPrefix: this.prefix,
      publicPrefix,
    });
  }

  async execute(call: RunnerCall, cancellation: Cancellation): Promise<RunnerAnswer> {
    const headers = this.headers.slice();
    headers.push('traceparent', call.traceparent);
    const { tracestate } = call;
    if (tracestate !== null) headers.push('tracestate', tracestate);
    const path = this.prefix + call.encodedPath || '/';
    const answer = await this.target.collect(
      {
        method: this.method,
        path,
        headers,
        body: call.event(),
        timeoutMs: timeLeft(call, this.target.timeoutMs),
        sentOnce: call.sentOnce === true,
        witness: call.witness ?? null,
      },
      cancellation,
    );
    // What is no UTF-8 is no JSON either (RFC 8259, 8.1): as unreadable as an empty answer.
    return { kind: 'event', status: answer.status, text: isUtf8(answer.body) ? answer.body.toString() : '' };
  }
}

/** A record's target as the path that it stands for: one leading slash, none behind; `/` is none at all. */
export function targetPath(target: string): string {
  const trimmed = target.replace(/^\/+|\/+$/g, '');
  return trimmed === '' ? '' : encodedPath(`/${trimmed}`);
}
