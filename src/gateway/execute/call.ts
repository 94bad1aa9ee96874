import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { CallWitness, OpensTo, RunnerCall } from '../../contracts/executor.js';
import type { GatewayOptions } from '../../contracts/gateway-options.js';
import { originText } from '../edge/origin.js';
import { traceparent } from '../edge/trace-context.js';
import type { Exchange } from '../exchange.js';
import type { RunnerTry } from '../record/runner-try.js';
import { encodedPath } from '../resolve/normal-path.js';
import { eventText, requestMetaText } from './event.js';

/** One try of one exchange's call, as executors see it. */
export class Call implements RunnerCall {
  readonly attempt: number;
  readonly traceparent: string;
  readonly witness: CallWitness | null;

  constructor(
    private readonly exchange: Exchange,
    private readonly options: GatewayOptions,
    /** What the try's span is made of, null where none is. */
    tried: RunnerTry | null,
    private readonly onIgnoredOrigin: () => void,
  ) {
    this.attempt = exchange.attempts;
    this.witness = tried;
    this.traceparent = tried === null ? traceparent(exchange.trace) : traceparent(exchange.trace, tried.spanId);
  }

  get requestId(): string {
    return this.exchange.requestId;
  }
  get method(): string {
    // HEAD runs as GET and is answered without a body (spec/apis.md).
    const { method } = this.exchange.head;
    return method === 'HEAD' ? 'GET' : method;
  }
  get path(): string {
    return this.exchange.runnerPath;
  }
  get encodedPath(): string {
    const { runnerPath } = this.exchange;
    return runnerPath === '/' ? '' : encodedPath(runnerPath);
  }
  get query(): string {
    return this.exchange.query;
  }
  get tracestate(): string | null {
    const { tracestate } = this.exchange.head.headers;
    return this.options.acceptClientTrace && typeof tracestate === 'string' ? tracestate : null;
  }
  get headers(): IncomingHttpHeaders {
    return this.exchange.headers;
  }
  get body(): Buffer | Readable | null {
    return this.exchange.body;
  }
  get bodyLength(): number | null {
    return this.exchange.source.length;
  }
  get sentOnce(): boolean {
    return this.exchange.rule!.retry?.onlyUnsent === true;
  }
  get opensTo(): OpensTo {
    return this.exchange.rule!.opensTo;
  }
  get byApiKey(): boolean {
    return this.exchange.caller?.byApiKey === true;
  }
  get publicPrefix(): string {
    return this.exchange.publicPrefix;
  }
  get deadline(): number {
    return this.exchange.deadline;
  }

  event(): string {
    return eventText(this.exchange, this.origin());
  }

  requestMeta(): string {
    return requestMetaText(this.exchange, this.origin());
  }

  private origin(): string {
    return exchangeOrigin(this.exchange, this.options, this.onIgnoredOrigin);
  }
}

/** requestMeta.origin of a request as JSON text. @param onIgnored counts what was ignored because it was no origin */
export function exchangeOrigin(exchange: Exchange, options: GatewayOptions, onIgnored: () => void): string {
  return originText({
    headers: exchange.headers,
    peer: exchange.head.peer,
    proxies: options.trustedProxies,
    fromBody: exchange.bodyOrigin,
    caller: exchange.caller,
    onIgnored,
  });
}
