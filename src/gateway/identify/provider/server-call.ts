import type { IncomingHttpHeaders } from 'node:http';
import type { Callee, RunnerCall } from '../../../contracts/executor.js';
import type { FilledUrl } from './url-template.js';

/** Of which request a call is made, or which it makes up for itself. */
export interface CallIds {
  readonly requestId: string;
  readonly traceparent: string;
}

/** What a call of the gateway's own to a provider or session server says. */
export interface ServerMessage extends CallIds {
  /** Id of the channel that carries it. */
  readonly channel: string;
  readonly url: FilledUrl;
  /** requestMeta.origin as JSON text. */
  readonly origin: string;
  /** payload.parameters as JSON text. */
  readonly parameters: string;
  /** Credentials as JSON text, towards providers only; null: none. */
  readonly auth: string | null;
  readonly branch: string;
  /** What a callee that takes no event gets as its body; null: the request metadata, credentials and all. */
  readonly plainBody: string | null;
  /** Epoch ms. */
  readonly deadline: number;
}

const PLAIN_HEADERS: IncomingHttpHeaders = { 'content-type': 'application/json', accept: 'application/json' };

/**
 * A call that the gateway makes of itself over a channel: always POST, never tried again. Credentials stand in requestMeta.auth of the
 * event and, over plain HTTP, in the body alone: never in the path, the query or a header, which servers log.
 */
export class ServerCall implements RunnerCall {
  readonly method = 'POST';
  readonly tracestate = null;
  readonly headers = PLAIN_HEADERS;
  readonly publicPrefix = '';
  readonly attempt = 1;
  readonly requestId: string;
  readonly traceparent: string;
  readonly path: string;
  readonly encodedPath: string;
  readonly query: string;
  readonly deadline: number;
  readonly body: Buffer | null;
  private readonly startedEpochMs = Date.now();

  constructor(
    private readonly message: ServerMessage,
    takes: Callee['takes'],
  ) {
    const { url } = message;
    this.requestId = message.requestId;
    this.traceparent = message.traceparent;
    this.path = url.path;
    this.encodedPath = url.encodedPath;
    this.query = url.query;
    this.deadline = message.deadline;
    this.body = takes === 'body' ? bodyOf(message.plainBody ?? this.metadata(message.auth)) : null;
  }

  get bodyLength(): number | null {
    return this.body?.length ?? null;
  }

  event(): string {
    const { message } = this;
    return (
      `{"requestMeta":${this.metadata(message.auth)},"sagaMeta":[],` +
      `"eventMeta":{"parameters":${message.url.settingsText},"requestTime":${Date.now()}},` +
      `"payload":{"parameters":${message.parameters}}}`
    );
  }

  requestMeta(): string {
    return this.metadata(null);
  }

  private metadata(auth: string | null): string {
    const { requestId, channel, url, branch, origin } = this.message;
    return (
      `{"id":${JSON.stringify(requestId)},"channel":${JSON.stringify(channel)},"path":${JSON.stringify(url.path)},` +
      `"method":"POST","branch":${JSON.stringify(branch)},"origin":${origin},` +
      (auth === null ? '' : `"auth":${auth},`) +
      `"claims":{},"startDT":${this.startedEpochMs}}`
    );
  }
}

function bodyOf(text: string): Buffer | null {
  return text === '' ? null : Buffer.from(text);
}
