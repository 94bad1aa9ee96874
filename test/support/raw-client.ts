import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { until } from './until.js';

export interface RawAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A client that writes exactly the bytes that a test names: what HTTP libraries would refuse to send. */
export class RawClient {
  received = '';
  ended = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.received += chunk.toString('latin1')));
    for (const event of ['end', 'close', 'error']) socket.on(event, () => (this.ended = true));
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** The next whole answer (by Content-Length or chunks; to a HEAD request its head alone). */
  async answer(boundMs = 10_000, isToHead = false): Promise<RawAnswer> {
    let parsed = parseAnswer(this.received, isToHead);
    const arrived = (): boolean => (parsed = parseAnswer(this.received, isToHead)) !== null;
    await until(
      () => arrived() || this.ended,
      boundMs,
      () => `Received so far: ${JSON.stringify(this.received)}`,
    );
    if (parsed === null)
      throw new Error(`The connection ended without a whole answer: ${JSON.stringify(this.received)}`);
    this.received = this.received.slice(parsed.length);
    return parsed.answer;
  }

  closed(boundMs = 10_000): Promise<void> {
    return until(
      () => this.ended,
      boundMs,
      () => 'The connection is still open.',
    );
  }

  destroy(): void {
    this.socket.destroy();
  }
}

function parseAnswer(text: string, isToHead: boolean): { answer: RawAnswer; length: number } | null {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const [statusLine, ...lines] = text.slice(0, headEnd).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const status = Number(statusLine!.slice(9, 12));
  const start = headEnd + 4;
  if (isToHead || (status >= 100 && status < 200)) return { answer: { status, headers, body: '' }, length: start };
  if (headers['transfer-encoding'] === 'chunked') {
    const end = text.indexOf('\r\n0\r\n\r\n', start - 2);
    return end === -1 ? null : { answer: { status, headers, body: text.slice(start, end) }, length: end + 7 };
  }
  const length = Number(headers['content-length'] ?? 0);
  if (text.length < start + length) return null;
  return { answer: { status, headers, body: text.slice(start, start + length) }, length: start + length };
}
