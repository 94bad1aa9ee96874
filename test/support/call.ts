import { Agent, request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';

export interface CallOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export interface CallAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Names and values as they came: a header that came twice stands in it twice. */
  readonly rawHeaders: readonly string[];
  readonly bytes: Buffer;
  readonly text: string;
  /** The body parsed; for errors and plain answers alike. */
  json<T = Record<string, unknown>>(): T;
}

export interface ErrorAnswer {
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly requestId: string;
    readonly payload?: unknown;
  };
}

const agent = new Agent({ keepAlive: false });

/** One request, its path exactly as written (fetch would bring it into a form of its own), over a connection of its own. */
export function call(port: number, path: string, options: CallOptions = {}): Promise<CallAnswer> {
  const { method = 'GET', headers = {}, body } = options;
  const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, method, agent, headers: { ...length, ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString();
          const json = <T>(): T => JSON.parse(text) as T;
          resolve({
            status: answer.statusCode!,
            headers: answer.headers,
            rawHeaders: answer.rawHeaders,
            bytes,
            text,
            json,
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A body that is JSON. */
export function post(port: number, path: string, body: string, headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> {
  return call(port, path, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } });
}
