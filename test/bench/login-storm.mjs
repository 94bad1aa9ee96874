import { setTimeout as delay } from 'node:timers/promises';
import { pinSelf } from './processes.mjs';

/**
 * Logs in at an even pace, in a process of its own: who measures other requests meanwhile must not wait for what this does. Takes
 * `{url, perSecond, ms}` as messages, each answered with how many were let in.
 */
pinSelf(1);

async function login(url) {
  const answer = await fetch(`${url}/api/auth/login/open`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: 'ada', password: 'correct horse' }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

process.on('message', async ({ url, perSecond, ms }) => {
  const ends = [];
  const begun = performance.now();
  for (let index = 0; performance.now() - begun < ms; index++) {
    await delay(Math.max(0, begun + (index * 1000) / perSecond - performance.now()));
    ends.push(login(url));
  }
  process.send((await Promise.all(ends)).filter((status) => status === 200).length);
});
