import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A runner that answers with exactly the bytes that a test names, or does with its connection what a test wants. */
export class RawRunner {
  /** Called for each request, once its head and (by Content-Length) its body are here. */
  onRequest: (socket: Socket) => void = (socket) => void socket.destroy();
  /** Connections that were ever made. */
  connections = 0;
  private readonly open = new Set<Socket>();

  private constructor(readonly server: Server) {}

  static async start(): Promise<RawRunner> {
    const server = createServer();
    const runner = new RawRunner(server);
    server.on('connection', (socket) => runner.take(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return runner;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Answers every request with these bytes, and ends the connection unless told otherwise. */
  answers(bytes: string, end = true): void {
    this.onRequest = (socket) => {
      socket.write(bytes, 'latin1');
      if (end) socket.end();
    };
  }

  async close(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(socket: Socket): void {
    this.connections++;
    this.open.add(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('close', () => this.open.delete(socket));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < headEnd + 4 + length) return;
      text = '';
      this.onRequest(socket);
    });
  }
}
