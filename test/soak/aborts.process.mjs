import { createServer } from 'node:http';
import { connect } from 'node:net';

/** Backend and clients of aborts.mjs, in a process of their own. */
const CLIENTS = 32;
/** One request in that many is aborted, of each kind in turn. */
const ABORTED = 20;
const KINDS = ['waiting', 'upload', 'stream'];
const MOST_WAIT_MS = 15;
const STREAM_PIECES = 5;
const PIECE = Buffer.alloc(4096, 'x');
const UPLOAD_BYTES = 200_000;

let [calls, connections] = [0, 0];
const backend = createServer({ keepAliveTimeout: 600_000 }, (asked, answer) => {
  calls++;
  answer.on('close', () => calls--);
  // Broken off by the gateway, since its client has gone.
  asked.on('error', () => undefined);
  answer.on('error', () => undefined);
  asked.on('end', () => answers[asked.url.split('/')[1].split('?')[0]]?.(answer)).resume();
});
const answers = {
  plain: (answer) => answer.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 2 }).end('{}'),
  waiting: (answer) => setTimeout(answers.plain, 2 * MOST_WAIT_MS, answer),
  upload: (answer) => answers.plain(answer),
  stream(answer) {
    answer.writeHead(200, { 'Content-Type': 'application/octet-stream' });
    let pieces = 0;
    const next = () => {
      if (answer.destroyed) return;
      if (pieces++ === STREAM_PIECES) return void answer.end();
      answer.write(PIECE);
      setTimeout(next, MOST_WAIT_MS / 2);
    };
    next();
  },
};
backend.on('connection', (socket) => {
  connections++;
  socket.on('close', () => connections--);
});
await new Promise((resolve) => backend.listen(0, '127.0.0.1', resolve));

/** One connection that is kept until its client aborts. */
class Client {
  #socket = null;

  constructor(port, state) {
    this.port = port;
    this.state = state;
  }

  async run() {
    const { state } = this;
    while (state.left-- > 0 && state.failed < 10) {
      const number = state.requests - state.left;
      if (number % ABORTED === 0) {
        const kind = KINDS[(number / ABORTED) % KINDS.length];
        await this.abort(kind);
        state.aborted[kind]++;
        state.total++;
      } else {
        const complaint = await this.ask(number % 2 === 0);
        if (complaint !== null && ++state.failed <= 5) state.complaints.push(complaint);
      }
    }
    this.#socket?.destroy();
  }

  async open() {
    if (this.#socket !== null) return this.#socket;
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#socket === socket && (this.#socket = null));
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    return (this.#socket = socket);
  }

  async ask(isPost) {
    const socket = await this.open();
    const head = 'Host: a\r\nContent-Type: application/json\r\n';
    socket.write(
      isPost
        ? `POST /api/request/crud/plain HTTP/1.1\r\n${head}Content-Length: 7\r\n\r\n{"a":1}`
        : `GET /api/request/rpc/plain HTTP/1.1\r\n${head}\r\n`,
    );
    return new Promise((resolve) => {
      let text = '';
      const done = (complaint) => {
        socket.off('data', take).off('close', broken);
        resolve(complaint);
      };
      const take = (chunk) => {
        text += chunk.latin1Slice();
        if (text.endsWith('\r\n\r\n{}')) done(text.startsWith('HTTP/1.1 200 ') ? null : text.slice(0, 300));
        else if (text.endsWith('}}')) done(text.slice(0, 500));
      };
      const broken = () => done('the connection broke off');
      socket.on('data', take).on('close', broken);
    });
  }

  /** Goes away at a random moment. */
  async abort(kind) {
    const socket = await this.open();
    const bytes = Math.floor(Math.random() * (UPLOAD_BYTES - 1));
    if (kind === 'waiting') socket.write('GET /api/request/crud/waiting HTTP/1.1\r\nHost: a\r\n\r\n');
    else if (kind === 'stream') socket.write('GET /api/request/crud/stream HTTP/1.1\r\nHost: a\r\n\r\n');
    else {
      const head = `POST /api/request/crud/upload HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: ${UPLOAD_BYTES}\r\n\r\n`;
      socket.write(head);
      socket.write(Buffer.alloc(bytes, 'u'));
    }
    if (kind === 'stream') await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * (MOST_WAIT_MS - 1)));
    this.#socket = null;
    socket.destroy();
  }
}

const questions = {
  port: () => backend.address().port,
  backend: () => ({ calls, connections }),
  async run({ port, requests }) {
    const aborted = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
    const state = { requests, left: requests, failed: 0, complaints: [], total: 0, aborted };
    await Promise.all(Array.from({ length: CLIENTS }, () => new Client(port, state).run()));
    return state;
  },
};
process.on('message', async ({ id, question, ...given }) =>
  process.send({ id, answer: await questions[question](given) }),
);
