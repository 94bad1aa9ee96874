import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type BackendHandler = (request: SeenRequest, response: ServerResponse) => void;

/** A little runner that remembers what it got and answers what a test wants. */
export class TestBackend {
  readonly seen: SeenRequest[] = [];
  /** Calls whose connection the gateway closed before they were answered. */
  aborted = 0;

  private constructor(
    readonly server: Server,
    public handler: BackendHandler,
  ) {}

  static async start(handler: BackendHandler = echoEvent): Promise<TestBackend> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    const backend = new TestBackend(server, handler);
    server.on('request', (request, response) => void backend.take(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return backend;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The last request, its event parsed. */
  lastEvent(): { requestMeta: Record<string, unknown>; payload: { parameters: unknown }; [member: string]: unknown } {
    return JSON.parse(this.seen.at(-1)!.body) as ReturnType<TestBackend['lastEvent']>;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('close', () => {
      if (!response.writableFinished) this.aborted++;
    });
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const seen: SeenRequest = {
      method: request.method!,
      url: request.url!,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.seen.push(seen);
    this.handler(seen, response);
  }
}

export function sendJson(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** Answers an event with what it was sent: an empty flow. */
export const echoEvent: BackendHandler = (request, response) => sendJson(response, request.body);

/** Keeps every call until a test lets it go. */
export class HeldCalls {
  readonly held: { readonly request: SeenRequest; readonly response: ServerResponse }[] = [];
  readonly handler: BackendHandler = (request, response) => void this.held.push({ request, response });

  /** Answers what is held as an empty flow would. */
  release(): void {
    for (const { request, response } of this.held.splice(0)) echoEvent(request, response);
  }
}
