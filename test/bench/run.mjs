import { cpus } from 'node:os';
import { startGateway } from './gateway.mjs';
import { load } from './load.mjs';
import { cpuSeconds, jsonPort, median, medianRatio, pinSelf, residentMegabytes, start } from './processes.mjs';

/**
 * `npm run bench`: CPU time of the gateway process per request, beside a bare forwarder, all in one run, variants in turn; medians,
 * and the median of the ratios round by round.
 * `npm run bench -- --rounds 25 --requests 3000 --only rpc`.
 */
const option = (name, otherwise) => {
  const index = process.argv.indexOf(`--${name}`);
  return index === -1 ? otherwise : process.argv[index + 1];
};
const rounds = Number(option('rounds', 25));
const requests = Number(option('requests', 3000));
const only = option('only', '');
const CONNECTIONS = 32;
const root = new URL('./', import.meta.url).pathname;

pinSelf(1);
const backend = await start([`${root}backend.mjs`], { core: 1, isReady: jsonPort });
const origin = `http://127.0.0.1:${backend.port}`;
const bare = await start([`${root}bare-forwarder.mjs`, origin], { core: 0, isReady: jsonPort });
const components = {
  'systems.json': {
    systems: [
      { id: 'rpc', executor: 'rpc', parameters: { 'server.baseUrl': origin } },
      { id: 'crud', executor: 'crud', parameters: { 'server.baseUrl': origin } },
    ],
    channels: [
      {
        id: 'rpc',
        system: 'rpc',
        target: '/api/rpc',
        paths: { '*': { isPublic: true }, '/Disabled': { isDisabled: true } },
      },
      { id: 'crud', system: 'crud', target: '/api/crud', paths: { '*': { isPublic: true } } },
    ],
  },
};
const quiet = await startGateway(components, { 'log.requests': 'none' });
const logging = await startGateway(components, { 'log.requests': 'all' });

const body = JSON.stringify({ name: 'Ada', items: [1, 2, 3], nested: { deep: true } });
const head = (method, path) =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: application/json\r\n`;
const get = (path) => `${head('GET', path)}\r\n`;
const post = (path) =>
  `${head('POST', path)}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const variants = [
  { name: 'bare GET', group: 'crud', of: bare, request: get('/api/crud/todo/milk') },
  { name: 'bare POST', group: 'rpc', of: bare, request: post('/api/rpc/Hello') },
  {
    name: 'rpc POST, no request line',
    group: 'rpc',
    of: quiet,
    request: post('/api/request/rpc/Hello'),
    against: 'bare POST',
    bound: 1.3,
  },
  {
    name: 'rpc POST, a line each',
    group: 'rpc',
    of: logging,
    request: post('/api/request/rpc/Hello'),
    against: 'bare POST',
    bound: 1.45,
  },
  {
    name: 'crud GET, no request line',
    group: 'crud',
    of: quiet,
    request: get('/api/request/crud/todo/milk'),
    against: 'bare GET',
    bound: 1.2,
  },
  {
    name: 'rpc GET, no request line',
    group: 'rpc',
    of: quiet,
    request: get('/api/request/rpc/Hello?name=Ada'),
    against: 'bare GET',
    bound: 1.3,
  },
  {
    name: 'crud POST, no request line',
    group: 'crud',
    of: quiet,
    request: post('/api/request/crud/todo'),
    against: 'bare POST',
    bound: 1.2,
  },
  {
    name: 'unknown channel, GET',
    group: 'refuse',
    of: quiet,
    request: get('/api/request/nowhere/x'),
    against: 'rpc GET, no request line',
    bound: 0.4,
  },
  {
    name: 'disabled path, GET',
    group: 'refuse',
    of: quiet,
    request: get('/api/request/rpc/Disabled'),
    against: 'rpc GET, no request line',
    bound: 0.4,
  },
  {
    name: 'disabled path, POST',
    group: 'refuse',
    of: quiet,
    request: post('/api/request/rpc/Disabled'),
    against: 'rpc POST, no request line',
    bound: 0.55,
  },
].filter((variant) => only === '' || variant.group === only || variant.name.startsWith('bare'));

console.log(
  `${cpus().length} x ${cpus()[0].model}, Node ${process.version}, ${rounds} rounds of ${requests} requests, ${CONNECTIONS} connections`,
);
const samples = new Map(variants.map(({ name }) => [name, []]));
for (let round = -1; round < rounds; round++) {
  for (const { name, of, request } of variants) {
    const before = cpuSeconds(of.pid);
    const { done } = await load({ port: of.port, request, connections: CONNECTIONS, requests });
    // The first round warms up.
    if (round >= 0) samples.get(name).push(((cpuSeconds(of.pid) - before) / done) * 1e6);
  }
}
const figures = new Map([...samples].map(([name, values]) => [name, median(values)]));
console.log('\nvariant                        µs/request (median, min-max)   ratio   bound');
for (const { name, against, bound } of variants) {
  const values = samples.get(name);
  const range = `${Math.min(...values).toFixed(1)}-${Math.max(...values).toFixed(1)}`;
  const ratio =
    against === undefined || !figures.has(against) ? '' : medianRatio(values, samples.get(against)).toFixed(2);
  console.log(
    `${name.padEnd(30)} ${figures.get(name).toFixed(1).padStart(6)} (${range})`.padEnd(62),
    ratio.padEnd(7),
    bound ?? '',
  );
}
console.log(
  `\nready after ${quiet.readyMs.toFixed(0)} ms, resident ${residentMegabytes(quiet.pid).toFixed(0)} MB after the load`,
);
process.exit(0);
