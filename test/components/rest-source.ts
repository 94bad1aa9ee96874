import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test's source does with a request. */
export type Answers = (request: IncomingMessage, response: ServerResponse) => void;

export type Records = Readonly<Record<string, readonly unknown[]>>;

/** A REST source over a real socket. What it holds and how it answers may be changed at any time. */
export class RestSource {
  readonly requests: string[] = [];
  records: Records = {};
  answers: Answers | null = null;
  onConnection: () => void = () => {};
  private constructor(private readonly server: Server) {}

  static async started(records: Records = {}, port = 0): Promise<RestSource> {
    const server = createServer((request, response) => source.answer(request, response));
    const source = new RestSource(server);
    source.records = records;
    server.on('connection', () => source.onConnection());
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    return source;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** The list that a request asks for, as a source that knows paging gives it. */
  page(request: IncomingMessage): readonly unknown[] {
    const url = new URL(request.url!, this.url);
    const [skip, limit] = ['skip', 'limit'].map((name) => Number(url.searchParams.get(name)));
    return (this.records[url.pathname.split('/').at(-1)!] ?? []).slice(skip, skip! + limit!);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    if (this.answers !== null) return this.answers(request, response);
    json(response, { list: this.page(request) });
  }
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export const aSystem = (id: string, name = id): object => ({ id, data: { executor: 'rpc', name } });

export const systems = (count: number): object[] => Array.from({ length: count }, (_, index) => aSystem(`s${index}`));
