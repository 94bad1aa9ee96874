import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { startGateway } from './gateway.mjs';
import { post } from './post.mjs';
import { jsonPort, median, medianRatio, pinMainThread, pinSelf, start } from './processes.mjs';

/**
 * `npm run bench:logins`: what logins at the built-in identity server tell and take.
 * 1. Times of a failed login of users who exist and of names that nobody has, in turn, each name once: medians, their difference, and an
 *    interval of it by resampling.
 * 2. Times of a forwarded request, quiet and while 20 log in each second, round by round; a process of its own logs in.
 * Users are in the embedded database, or in that of `--database postgres://…`, which should be empty.
 */
const option = (name, otherwise) => {
  const index = process.argv.indexOf(`--${name}`);
  return index === -1 ? otherwise : process.argv[index + 1];
};
const pairs = Number(option('pairs', 400));
const rounds = Number(option('rounds', 8));
const roundMs = Number(option('seconds', 5)) * 1000;
const loginsPerSecond = Number(option('rate', 20));
const callsPerSecond = Number(option('calls', 100));
const root = new URL('./', import.meta.url).pathname;
const SECRET = 'k'.repeat(64);

pinSelf(1);
const backend = await start([`${root}backend.mjs`], { core: 1, isReady: jsonPort });
const gateway = await startGateway(
  {
    'all.json': {
      systems: [
        { id: 'rpc', executor: 'rpc', parameters: { 'server.baseUrl': `http://127.0.0.1:${backend.port}` } },
        { id: 'identity', executor: 'local', parameters: { runner: 'identity', 'attempt.addressLimit': '1000000' } },
      ],
      tokens: [
        {
          id: 'user',
          signingSecret: SECRET,
          claims: [{ name: 'sub', source: 'user.id', special: 'ORIGIN_ID' }],
          provider: { channel: 'users', urls: { login: '/login' } },
        },
      ],
      channels: [
        { id: 'open', system: 'rpc', target: '/api/rpc', authToken: 'user', paths: { '*': { isPublic: true } } },
        { id: 'users', system: 'identity', target: '/auth/user', paths: { '*': { isPublic: true } } },
      ],
    },
  },
  {
    ...{ 'log.requests': 'none', 'throttle.auth.limit': 1_000_000 },
    ...(option('database', '') !== '' && { 'database.url': option('database', '') }),
  },
  // Hashing has a thread of its own: a gateway on one core would be measured with it.
  option('cores', '0,1'),
);
// Else the scheduler pulls it to the core of client and backend, which would be on other machines, and it waits for them.
pinMainThread(gateway.pid, 0);
const posted = (path, members) => post({ port: gateway.port, path, body: JSON.stringify(members) });
const login = (username, password) => posted('/api/auth/login/open', { username, password });
const timed = async (work) => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

async function register(username) {
  const status = await posted('/api/request/users/user/register', { username, password: 'correct horse' });
  if (status !== 200) throw new Error(`register answered with ${status}`);
}
for (let tries = 0; (await posted('/api/request/users/user/list', {})) !== 200; tries++) {
  if (tries > 100) throw new Error('the database does not open');
  await delay(200);
}
for (let index = 0; index < pairs; index++) await register(`known-${index}`);
await register('ada');

const times = { known: [], unknown: [] };
for (let index = 0; index < pairs; index++) {
  // Which comes first changes, so that what the one leaves behind is not always the other's.
  const order = index % 2 === 0 ? ['known', 'unknown'] : ['unknown', 'known'];
  for (const kind of order) times[kind].push(await timed(() => login(`${kind}-${index}`, 'wrong horse')));
}
const good = [];
for (let index = 0; index < 50; index++) good.push(await timed(() => login('ada', 'correct horse')));
const sample = (values) => values.map(() => values[Math.floor(Math.random() * values.length)]);
const differences = Array.from(
  { length: 2000 },
  () => median(sample(times.known)) - median(sample(times.unknown)),
).sort((a, b) => a - b);
const share = (ms) => `${((ms / median(good)) * 100).toFixed(2)} %`;
console.log(`cores: ${cpus().length} × ${cpus()[0].model}; node ${process.version}`);
console.log(`a login: ${median(good).toFixed(2)} ms`);
console.log(
  `wrong password of a user: ${median(times.known).toFixed(2)} ms; of nobody: ${median(times.unknown).toFixed(2)} ms`,
);
const difference = median(times.known) - median(times.unknown);
console.log(
  `difference of the medians: ${difference.toFixed(3)} ms, ${share(difference)} of a login ` +
    `(95 % between ${share(differences[50])} and ${share(differences[1949])})`,
);

const CALL = JSON.stringify({ name: 'Ada' });
async function called() {
  const status = await post({ port: gateway.port, path: '/api/request/open/Hello', body: CALL });
  if (status !== 200) throw new Error(`a call answered with ${status}`);
}
/** At random moments, whatever the last one took: an even pace would keep step with that of the logins. ms of each. */
async function calls(ms) {
  const ends = [];
  const begun = performance.now();
  for (let at = 0; at < ms; at += (-Math.log(1 - Math.random()) * 1000) / callsPerSecond) {
    const early = begun + at - performance.now();
    if (early > 0) await delay(early);
    ends.push(timed(called));
  }
  return (await Promise.all(ends)).sort((a, b) => a - b);
}
const storm = fork(`${root}login-storm.mjs`);
process.on('exit', () => storm.kill('SIGKILL'));
async function logins(ms) {
  storm.send({ port: gateway.port, perSecond: loginsPerSecond, ms });
  return (await once(storm, 'message'))[0];
}
const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const p99 = { quiet: [], storm: [] };
const p50 = { quiet: [], storm: [] };
await Promise.all([calls(1000), logins(1000)]);
for (let round = 0; round < rounds; round++) {
  const quiet = await calls(roundMs);
  const [meanwhile, done] = await Promise.all([calls(roundMs), logins(roundMs)]);
  for (const [kind, taken] of [
    ['quiet', quiet],
    ['storm', meanwhile],
  ]) {
    p50[kind].push(at(taken, 0.5));
    p99[kind].push(at(taken, 0.99));
  }
  console.log(
    `round ${round + 1}: p99 quiet ${at(quiet, 0.99).toFixed(1)} ms, with ${(done / (roundMs / 1000)).toFixed(0)} logins a second ${at(meanwhile, 0.99).toFixed(1)} ms`,
  );
}
const line = (name, of) =>
  `${name}: quiet ${median(of.quiet).toFixed(2)} ms, with logins ${median(of.storm).toFixed(2)} ms, ratio round by round ${medianRatio(of.storm, of.quiet).toFixed(2)}`;
console.log(line('median', p50));
console.log(line('p99', p99));
process.exit(0);
