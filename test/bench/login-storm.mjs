import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { post } from './post.mjs';
import { pinSelf } from './processes.mjs';

/**
 * Logs in at an even pace, in a process of its own: who measures other requests meanwhile must not wait for what this does. Takes
 * `{port, perSecond, ms}` as messages, each answered with how many were let in.
 */
pinSelf(1);
// Whoever logs in has a machine of its own: on this one it must not hold up the client that measures, and its backend.
spawnSync('chrt', ['-a', '-i', '-p', '0', String(process.pid)]);

const body = JSON.stringify({ username: 'ada', password: 'correct horse' });

process.on('message', async ({ port, perSecond, ms }) => {
  const ends = [];
  const begun = performance.now();
  for (let index = 0; performance.now() - begun < ms; index++) {
    await delay(Math.max(0, begun + (index * 1000) / perSecond - performance.now()));
    ends.push(post({ port, path: '/api/auth/login/open', body }));
  }
  process.send((await Promise.all(ends)).filter((status) => status === 200).length);
});
