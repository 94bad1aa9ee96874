import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ConsulEntry {
  readonly Node?: unknown;
  readonly Service?: unknown;
}
type Fault = 'error' | 'html' | 'hang' | 'half' | 'drop' | 'huge';

export const anEntry = (address: string, port: unknown = 80, service: Record<string, unknown> = {}): ConsulEntry => ({
  Node: { Node: 'n1', Address: '10.9.9.9' },
  Service: { ID: `${address}-${String(port)}`, Address: address, Port: port, ...service },
});

/** The part of Consul that tells of healthy instances: blocking queries, its index, its token, and what goes wrong with them. */
export class FakeConsul {
  /** Path and query of each question, in order. */
  readonly asked: string[] = [];
  /** Questions that wait for a change now. */
  readonly waiting = new Set<() => void>();
  /** Questions whose connection was cut before they were answered. */
  aborted = 0;
  connections = 0;
  index = 10;
  token: string | null = null;
  fault: Fault | null = null;
  /** Instead of the list, whatever it is. */
  body: string | null = null;
  sendsIndex = true;
  /** Answers at once, as what lies before a Consul may. */
  isHasty = false;
  private readonly services = new Map<string, readonly ConsulEntry[]>();

  private constructor(readonly server: Server) {
    server.on('request', (request, response) => this.take(request, response));
    server.on('connection', () => this.connections++);
  }

  static async start(port = 0): Promise<FakeConsul> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new FakeConsul(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Changes what it knows, which moves the index and ends the waits. */
  has(service: string, entries: readonly ConsulEntry[]): void {
    this.services.set(service, entries);
    this.index++;
    this.wake();
  }

  wake(): void {
    for (const answer of this.waiting) answer();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push(request.url!);
    const url = new URL(request.url!, 'http://consul');
    const service = /\/v1\/health\/service\/([^/]+)$/.exec(url.pathname)?.[1];
    if (service === undefined || url.searchParams.get('passing') !== '1') {
      response.writeHead(404).end();
      return;
    }
    if (this.token !== null && request.headers['x-consul-token'] !== this.token) {
      response.writeHead(403).end('Permission denied: token with AccessorID');
      return;
    }
    const answer = (): void => {
      this.waiting.delete(answer);
      this.answer(decodeURIComponent(service), response);
    };
    response.on('close', () => {
      this.waiting.delete(answer);
      if (!response.writableFinished) this.aborted++;
    });
    const index = Number(url.searchParams.get('index') ?? 0);
    const waits = index >= this.index && this.fault === null && !this.isHasty;
    if (!waits) return answer();
    this.waiting.add(answer);
    setTimeout(answer, Number.parseFloat(url.searchParams.get('wait')!) * 1000).unref();
  }

  private answer(service: string, response: ServerResponse): void {
    if (response.writableEnded || response.destroyed) return;
    if (this.fault === 'hang') return;
    if (this.fault === 'drop') return void response.destroy();
    if (this.fault === 'error') return void response.writeHead(500).end('rpc error: No cluster leader, hunter2');
    if (this.fault === 'html') return void response.writeHead(200).end('<!doctype html><h1>Sign in</h1>');
    const text = this.body ?? JSON.stringify(this.services.get(service) ?? []);
    response.writeHead(200, {
      'Content-Type': 'application/json',
      ...(this.sendsIndex && { 'X-Consul-Index': String(this.index) }),
    });
    if (this.fault === 'half') response.write(text.slice(0, text.length / 2), () => response.destroy());
    else if (this.fault === 'huge') response.end(`[${' '.repeat(9 * 1024 * 1024)}]`);
    else response.end(text);
  }
}
