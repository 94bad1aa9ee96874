import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { startGateway } from './gateway.mjs';
import { load } from './load.mjs';
import { cpuSeconds, jsonPort, median, medianRatio, pin, pinSelf, residentMegabytes, start } from './processes.mjs';

/**
 * `npm run bench:limits`: what limits cost: CPU time of the gateway process per request to a channel without any, and to channels with
 * one of them, and with all; none ever refuses. Variants in turn; medians, and the median of the ratios round by round.
 */
const option = (name, otherwise) => {
  const index = process.argv.indexOf(`--${name}`);
  return index === -1 ? otherwise : process.argv[index + 1];
};
const rounds = Number(option('rounds', 25));
const requests = Number(option('requests', 3000));
const root = new URL('./', import.meta.url).pathname;
const MANY = 100_000_000;

pinSelf(1);
const backend = await start([`${root}backend.mjs`], { core: 1, isReady: jsonPort });
const rateLimiter = { refreshPeriod: 1000, periodLimit: MANY, timeoutDuration: 100 };
const bulkhead = { maxConcurrentCalls: 10_000, maxWait: 100 };
const userRateLimit = { isEnabled: true, period: 1, identifier: 'ip', globalDefault: MANY, service: 'here' };
const channel = (id, { breaker = false, retry = false, ...limits } = {}) => ({
  ...{ id, system: 'rpc', target: '/api/rpc', ...limits },
  paths: {
    '*': { isPublic: true, ...(breaker && { circuitBreaker: {} }), ...(retry && { retry: { retryCount: 2 } }) },
  },
});
// Leases of users' tokens, where there is a Redis to be had: of the default size, and of larger ones.
const redisPort = 41_379;
const redis = spawn('redis-server', ['--port', String(redisPort), '--save', '', '--appendonly', 'no'], {
  stdio: 'ignore',
});
const hasRedis = await Promise.race([once(redis, 'spawn').then(() => true), once(redis, 'error').then(() => false)]);
process.on('exit', () => redis.kill('SIGKILL'));
if (hasRedis) pin(redis.pid, 1);
const leased = (maxUnsynchronizedTokens) => ({
  ...{ ...userRateLimit, service: 'counts', useBatching: true, maxUnsynchronizedTokens },
});
const gateway = await startGateway(
  {
    'all.json': {
      services: [
        { id: 'here', type: 'rate', parameters: { persistenceHelperClass: 'memory' } },
        {
          ...{ id: 'counts', type: 'rate' },
          parameters: { persistenceHelperClass: 'redis', configString: `redis://127.0.0.1:${redisPort}` },
        },
      ],
      systems: [{ id: 'rpc', executor: 'rpc', parameters: { 'server.baseUrl': `http://127.0.0.1:${backend.port}` } }],
      channels: [
        channel('none'),
        channel('rate', { rateLimiter }),
        channel('user', { userRateLimit }),
        channel('bulkhead', { bulkhead }),
        channel('breaker', { breaker: true }),
        channel('retry', { retry: true }),
        channel('all', { rateLimiter, userRateLimit, bulkhead, breaker: true }),
        channel('all_leases_5', { rateLimiter, userRateLimit: leased(5), bulkhead, breaker: true }),
        channel('all_leases_100', { rateLimiter, userRateLimit: leased(100), bulkhead, breaker: true }),
        channel('all_leases_500', { rateLimiter, userRateLimit: leased(500), bulkhead, breaker: true }),
        channel('all_retry', { rateLimiter, userRateLimit, bulkhead, breaker: true, retry: true }),
      ],
    },
  },
  { 'log.requests': 'none' },
);

const body = JSON.stringify({ name: 'Ada', items: [1, 2, 3], nested: { deep: true } });
const request = (id) =>
  `POST /api/request/${id}/Hello HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: application/json\r\n` +
  `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const NONE = 'none';
const variants = [
  NONE,
  'rate',
  'user',
  'bulkhead',
  'breaker',
  'retry',
  'all',
  ...(hasRedis ? ['all_leases_5', 'all_leases_100', 'all_leases_500'] : []),
  'all_retry',
];
console.log(`${cpus().length} x ${cpus()[0].model}, Node ${process.version}, ${rounds} rounds of ${requests} requests`);
const samples = new Map(variants.map((name) => [name, []]));
for (let round = -1; round < rounds; round++) {
  for (const name of variants) {
    const before = cpuSeconds(gateway.pid);
    const { done, statuses } = await load({ port: gateway.port, request: request(name), connections: 32, requests });
    if (statuses.get('200') !== done) throw new Error(`${name}: ${[...statuses]}`);
    if (round >= 0) samples.get(name).push(((cpuSeconds(gateway.pid) - before) / done) * 1e6);
  }
}
console.log('\nlimits                         µs/request (median, min-max)   ratio   bound');
for (const [name, values] of samples) {
  const range = `${Math.min(...values).toFixed(1)}-${Math.max(...values).toFixed(1)}`;
  const ratio = name === NONE ? '' : medianRatio(values, samples.get(NONE)).toFixed(3);
  console.log(
    `${name.padEnd(30)} ${median(values).toFixed(1).padStart(6)} (${range})`.padEnd(62),
    ratio.padEnd(7),
    /^all(?!_retry)/.test(name) ? 1.1 : '',
  );
}
console.log(`\nresident ${residentMegabytes(gateway.pid).toFixed(0)} MB`);
process.exit(0);
