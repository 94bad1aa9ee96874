import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { pinSelf } from './processes.mjs';

/**
 * Logs in at an even pace, in a process of its own: who measures other requests meanwhile must not wait for what this does. Takes
 * `{port, perSecond, ms}` as messages, each answered with how many were let in.
 */
pinSelf(1);

const agent = new Agent({ keepAlive: true });
const BODY = JSON.stringify({ username: 'ada', password: 'correct horse' });

function login(port) {
  return new Promise((resolve, reject) => {
    const sent = request({
      ...{ host: '127.0.0.1', port, agent, method: 'POST', path: '/api/auth/login/open' },
      headers: { 'Content-Type': 'application/json', 'Content-Length': BODY.length },
    });
    sent.on('error', reject).on('response', (answer) => answer.on('end', () => resolve(answer.statusCode)).resume());
    sent.end(BODY);
  });
}

process.on('message', async ({ port, perSecond, ms }) => {
  const ends = [];
  const begun = performance.now();
  for (let index = 0; performance.now() - begun < ms; index++) {
    await delay(Math.max(0, begun + (index * 1000) / perSecond - performance.now()));
    ends.push(login(port));
  }
  process.send((await Promise.all(ends)).filter((status) => status === 200).length);
});
