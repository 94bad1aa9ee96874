import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What browsers reach: the page of the application, and before the gateways a balancer that sends each request where a test says. */
export class Front {
  /** Port of the gateway that gets it; null: none does, and the browser is told so. */
  portFor: (path: string) => number | null = () => null;
  /** Targets that came. */
  readonly seen: string[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Front> {
    const server = createServer();
    const front = new Front(server);
    server.on('request', (incoming, outgoing) => front.take(incoming, outgoing));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = incoming.url!;
    this.seen.push(target);
    if (!target.startsWith('/api/')) {
      outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<title>app</title>');
      return;
    }
    const port = this.portFor(target);
    // A browser loads a page anew by itself where a connection breaks.
    if (port === null) return void outgoing.writeHead(503).end('held');
    const to = { host: '127.0.0.1', port, path: target, method: incoming.method!, agent: false };
    const passed = request({ ...to, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  }
}
