import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Question } from 'dns-packet';

type Served = 'A' | 'AAAA' | 'SRV';
export interface ServedSrv {
  readonly target: string;
  readonly port: number;
  readonly priority?: number;
  readonly weight?: number;
}
type Reply = readonly Answer[] | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'silence' | 'garbage';

const CODES = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };

/** A DNS server over UDP that knows what a test tells it. A name without any record is NXDOMAIN, one with others only NODATA. */
export class DnsServer {
  /** `TYPE name` of each question, in order. */
  readonly asked: string[] = [];
  private readonly replies = new Map<string, Reply>();

  private isClosed = false;

  private constructor(
    private readonly socket: Socket,
    readonly port: number,
  ) {
    socket.on('message', (message, from) => this.answer(message, from));
  }

  static async start(port = 0): Promise<DnsServer> {
    const socket = createSocket('udp4');
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return new DnsServer(socket, socket.address().port);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  has(type: 'A' | 'AAAA', name: string, addresses: readonly string[], ttl = 60): void {
    this.does(
      type,
      name,
      addresses.map((data) => ({ type, name, ttl, class: 'IN', data })),
    );
  }

  hasServices(name: string, services: readonly ServedSrv[]): void {
    this.does(
      'SRV',
      name,
      services.map((data) => ({ type: 'SRV', name, ttl: 60, class: 'IN', data })),
    );
  }

  does(type: Served, name: string, reply: Reply): void {
    this.replies.set(`${type} ${name}`, reply);
  }

  forget(type: Served, name: string): void {
    this.replies.delete(`${type} ${name}`);
  }

  times(question: string): number {
    return this.asked.filter((asked) => asked === question).length;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.socket.close();
    await once(this.socket, 'close');
  }

  private answer(message: Buffer, from: RemoteInfo): void {
    const { id = 0, questions = [] } = decode(message);
    const question = questions[0]!;
    const key = `${question.type} ${question.name.toLowerCase()}`;
    this.asked.push(key);
    const reply = this.replies.get(key) ?? this.ofUnknown(question);
    if (reply === 'silence') return;
    const bytes = reply === 'garbage' ? Buffer.from('this is no DNS') : packet(id, question, reply);
    this.socket.send(bytes, from.port, from.address);
  }

  private ofUnknown({ name }: Question): Reply {
    const isKnown = [...this.replies].some(([key, reply]) => key.endsWith(` ${name}`) && Array.isArray(reply));
    return isKnown ? [] : 'NXDOMAIN';
  }
}

function packet(id: number, question: Question, reply: readonly Answer[] | keyof typeof CODES): Buffer {
  const isRefused = typeof reply === 'string';
  const flags = AUTHORITATIVE_ANSWER | (isRefused ? CODES[reply] : 0);
  return encode({ type: 'response', id, flags, questions: [question], answers: isRefused ? [] : [...reply] });
}
