import { createServer } from 'node:http';

/** A configuration server in a process of its own, to be killed. What it holds and how it answers is told over its channel. */
let records = {};
/** What a load goes on with that has begun: a source that changes between two kinds would give halves. */
let shown = {};
let mode = 'good';
let requests = 0;
const held = new Set();

const say = (response, body, { status = 200, type = 'application/json' } = {}) =>
  response.writeHead(status, { 'content-type': type }).end(body);
const modes = {
  good: (response, list) => say(response, JSON.stringify({ list })),
  empty: (response) => say(response, '{"list":[]}'),
  html: (response) => say(response, '<!doctype html><html><body>Sign in</body></html>', { type: 'text/html' }),
  error: (response) => say(response, '{"error":"broken"}', { status: 500 }),
  nothing: (response) => say(response, ''),
  garbage: (response) => say(response, '{"list": [{"id": '),
  partial(response, list) {
    const text = JSON.stringify({ list });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  },
  slow(response) {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(timer));
  },
  silent: (response) => void held.add(response),
};

const server = createServer((request, response) => {
  requests++;
  const url = new URL(request.url, 'http://localhost');
  const kind = url.pathname.split('/').at(-1);
  const skip = Number(url.searchParams.get('skip'));
  if (kind === 'gateway_system' && skip === 0) shown = records;
  modes[mode](response, (shown[kind] ?? []).slice(skip, skip + Number(url.searchParams.get('limit'))));
});

const questions = {
  set: (given) => void (records = given.records),
  mode: (given) => void (mode = given.mode),
  requests: () => requests,
};
process.on('message', ({ id, question, ...given }) => process.send({ id, answer: questions[question](given) ?? null }));
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send({ listening: true }));
