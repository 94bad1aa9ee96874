import { createServer } from 'node:http';
import { Agent, request } from 'node:http';

/**
 * A runner and the load, in a process of their own: clients over connections that are kept, GET and POST in turn, each request with a
 * number of its own. The runner counts how often each number came, and from which replica.
 */
const SLOW_MS = 500;
const state = { on: false, port: 0, requests: 0, failed: 0, complaints: [], slowestMs: 0, reused: 0, connections: 0 };
/** How often a number came; of those whose answer is out, only what was more than once is kept. */
const came = new Map();
const seen = {};
let [next, postsTwice, getsTwice, unasked] = [0, 0, 0, 0];

const runner = createServer({ keepAliveTimeout: 600_000 }, (asked, answer) => {
  let text = '';
  asked.setEncoding('utf8');
  asked.on('data', (chunk) => (text += chunk));
  asked.on('end', () => {
    const { requestMeta, payload } = JSON.parse(text);
    const number = Number(payload.parameters.number);
    const replica = requestMeta.id.split('-')[0];
    seen[replica] = (seen[replica] ?? 0) + 1;
    if (came.has(number)) came.set(number, came.get(number) + 1);
    else if (number >= 0) unasked++;
    const body = `{"number":${number}}`;
    const ms = number % 100 === 99 ? SLOW_MS : Math.random() * 10;
    setTimeout(() => {
      answer.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
      answer.end(body);
    }, ms);
  });
});
await new Promise((resolve) => runner.listen(0, '127.0.0.1', resolve));

let clients = [];

async function client() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (state.on) {
    const number = next++;
    const isPost = number % 2 === 1;
    came.set(number, 0);
    const begun = performance.now();
    const complaint = await ask(agent, number, isPost).catch((error) => `${error.code ?? ''} ${error.message}`);
    state.requests++;
    state.slowestMs = Math.max(state.slowestMs, performance.now() - begun);
    if (complaint !== null) {
      state.failed++;
      if (state.complaints.length < 10)
        state.complaints.push(`${new Date().toISOString()} ${isPost ? 'POST' : 'GET'} ${number}: ${complaint}`);
    }
    const times = came.get(number);
    if (times > 1) isPost ? postsTwice++ : getsTwice++;
    came.delete(number);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
  }
  agent.destroy();
}

function ask(agent, number, isPost) {
  const body = isPost ? `{"number":${number}}` : '';
  const path = `/api/request/rolled/x${isPost ? '' : `?number=${number}`}`;
  const headers = isPost ? { 'Content-Type': 'application/json', 'Content-Length': body.length } : {};
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port: state.port,
      path,
      method: isPost ? 'POST' : 'GET',
      agent,
      headers,
    });
    sent.on('error', reject);
    sent.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => (text += chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        sent.reusedSocket ? state.reused++ : state.connections++;
        const isGood = answer.statusCode === 200 && text === `{"number":${number}}`;
        resolve(isGood ? null : `${answer.statusCode} ${text.slice(0, 200)}`);
      });
    });
    sent.end(body);
  });
}

const questions = {
  port: () => runner.address().port,
  begin({ port, count = 16 }) {
    Object.assign(state, { on: true, port });
    clients = Array.from({ length: count }, () => client());
  },
  figures: () => ({ ...state, postsTwice, getsTwice, unasked, seen }),
  /** With its last answer each client ends. */
  async end() {
    state.on = false;
    await Promise.all(clients);
    return questions.figures();
  },
};
process.on('message', async ({ id, question, ...given }) =>
  process.send({ id, answer: await questions[question](given) }),
);
