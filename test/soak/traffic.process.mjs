import { createServer } from 'node:http';
import { connect } from 'node:net';

/**
 * Two backends and the load, in a process of their own. Answers of the backends tell the version of the system that called; each
 * answer of the gateway is looked at: one version of channel and system, and on a connection never an older one than before.
 */
const sides = {};
for (const name of ['swapped', 'steady']) {
  const side = { open: 0, most: 0, total: 0, port: 0 };
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    const body = `{"system":"${request.headers['x-system']}"}`;
    response.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', String(body.length)]);
    request.on('end', () => response.end(body)).resume();
  });
  server.on('connection', (socket) => {
    side.total++;
    side.most = Math.max(side.most, ++side.open);
    socket.on('close', () => side.open--);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  side.port = server.address().port;
  sides[name] = side;
}

const state = {
  on: false,
  port: 0,
  answers: 0,
  newest: 0,
  failed: 0,
  complaints: [],
  lastFailureAt: 0,
  firstFailureAt: 0,
};
let clients = [];

function complain(text) {
  state.failed++;
  if (state.complaints.length < 5) state.complaints.push(text);
}

class Client {
  #socket = null;
  #text = '';
  #last = 0;
  #asked;
  busy = false;

  constructor(channel) {
    this.channel = channel;
    const path = `/api/request/${channel}/x`;
    this.#asked = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n`);
  }

  go() {
    if (!state.on || this.busy) return;
    this.busy = true;
    if (this.#socket !== null) return void this.#socket.write(this.#asked);
    const socket = connect({ port: state.port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    this.#text = '';
    socket.on('connect', () => socket.write(this.#asked));
    socket.on('data', (chunk) => this.#take(chunk.latin1Slice()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#socket = null;
      if (!this.busy) return;
      this.busy = false;
      const now = Date.now();
      state.firstFailureAt ||= now;
      state.lastFailureAt = now;
      complain('the connection broke off');
      setTimeout(() => this.go(), 100);
    });
  }

  forget() {
    this.#last = 0;
  }

  #take(text) {
    this.#text += text;
    const head = this.#text.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#text)?.[1] ?? NaN);
    if (Number.isNaN(length)) return complain(`no length: ${this.#text.slice(0, 300)}`);
    if (this.#text.length < head + 4 + length) return;
    this.#look(this.#text.slice(9, 12), this.#text.slice(0, head), this.#text.slice(head + 4, head + 4 + length));
    this.#text = '';
    this.busy = false;
    this.go();
  }

  #look(status, head, body) {
    state.answers++;
    const version = Number(/\r\nx-version: (\d+)/i.exec(head)?.[1] ?? NaN);
    if (status !== '200') return complain(`${this.channel}: ${status} ${body}`);
    if (body !== `{"system":"${version}"}`)
      return complain(`${this.channel}: version ${version} of the channel, ${body}`);
    if (version < this.#last) return complain(`${this.channel}: version ${version} after ${this.#last}`);
    this.#last = version;
    if (this.channel !== 'swapped' || version <= state.newest) return;
    state.newest = version;
    process.send({ newest: version });
  }
}

const questions = {
  ports: () => ({ swapped: sides.swapped.port, steady: sides.steady.port }),
  begin({ port, swapped = 24, steady = 8 }) {
    Object.assign(state, { on: true, port, answers: 0, newest: 0, failed: 0, complaints: [] });
    Object.assign(state, { firstFailureAt: 0, lastFailureAt: 0 });
    for (const side of Object.values(sides)) Object.assign(side, { most: side.open });
    if (clients.length === 0) {
      clients = [
        ...Array.from({ length: swapped }, () => new Client('swapped')),
        ...Array.from({ length: steady }, () => new Client('steady')),
      ];
    }
    for (const client of clients) {
      client.forget();
      client.go();
    }
  },
  /** Each client ends with its last answer; connections stay. */
  async pause() {
    state.on = false;
    while (clients.some(({ busy }) => busy)) await new Promise((resolve) => setTimeout(resolve, 5));
  },
  resume() {
    state.on = true;
    for (const client of clients) client.go();
  },
  figures: () => ({ ...state, swapped: { ...sides.swapped }, steady: { ...sides.steady } }),
};
process.on('message', async ({ id, question, ...given }) =>
  process.send({ id, answer: await questions[question](given) }),
);
