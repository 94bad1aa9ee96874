import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Takes mail as a server does that a realm is given (RFC 5321, what a client cannot do without), and keeps it. */
export class MailServer {
  readonly mails: { readonly to: string; readonly text: string }[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<MailServer> {
    const server = createServer();
    const mail = new MailServer(server);
    server.on('connection', (socket) => mail.talk(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return mail;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private talk(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => socket.destroy());
    const say = (line: string): unknown => socket.write(`${line}\r\n`);
    let [read, to, text]: [string, string, string | null] = ['', '', null];
    say('220 ready');
    socket.on('data', (chunk: Buffer) => {
      read += chunk.toString('latin1');
      for (let end = read.indexOf('\r\n'); end !== -1; end = read.indexOf('\r\n')) {
        const line = read.slice(0, end);
        read = read.slice(end + 2);
        if (text !== null && line !== '.') text += `${line}\n`;
        else if (text !== null) {
          this.mails.push({ to, text });
          text = null;
          say('250 taken');
        } else if (/^RCPT TO:/i.test(line)) {
          to = /<(.*)>/.exec(line)?.[1] ?? '';
          say('250 good');
        } else if (/^DATA$/i.test(line)) {
          text = '';
          say('354 go on');
        } else if (/^QUIT$/i.test(line)) {
          say('221 bye');
          socket.end();
        } else say('250 good');
      }
    });
  }
}
