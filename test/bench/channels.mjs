import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startGateway } from './gateway.mjs';
import { load } from './load.mjs';
import { cpuSeconds, jsonPort, median, medianRatio, pin, pinSelf, residentMegabytes, start } from './processes.mjs';

/**
 * `npm run bench:channels`: what ten thousand channels with ten rules and two aliases each cost: a request, a full load, one changed
 * record, the longest pause of the event loop, memory.
 */
const option = (name, otherwise) => {
  const index = process.argv.indexOf(`--${name}`);
  return index === -1 ? otherwise : process.argv[index + 1];
};
const rounds = Number(option('rounds', 9));
const requests = Number(option('requests', 3000));
const total = Number(option('channels', 10_000));
const PER_FILE = 100;

pinSelf(1);
const backend = await start([new URL('backend.mjs', import.meta.url).pathname], { core: 1, isReady: jsonPort });
const origin = `http://127.0.0.1:${backend.port}`;

const channel = (index, version) => ({
  id: `channel-${index}`,
  data: {
    name: `Channel ${index}`,
    system: 'rpc',
    target: '/api/rpc',
    responseHeaders: { 'X-Version': version },
    paths: Object.fromEntries(
      Array.from({ length: 10 }, (_, rule) => [
        rule < 5 ? `/area-${rule}/*` : `/exact-${rule}`,
        {
          isPublic: true,
          methods: { GET: { isPublic: true }, POST: { isPublic: true, responseHeaders: { 'X-Rule': String(rule) } } },
        },
      ]),
    ),
    aliases: [
      { alias: `short-${index}`, target: '/exact-5' },
      { alias: `deep/short-${index}/x`, target: '/exact-6' },
    ],
  },
});
const file = (from, version) => Array.from({ length: PER_FILE }, (_, index) => channel(from + index, version));
const components = (channels) => ({
  'systems/rpc.json': { id: 'rpc', executor: 'rpc', parameters: { 'server.baseUrl': origin } },
  ...Object.fromEntries(
    Array.from({ length: Math.ceil(channels / PER_FILE) }, (_, index) => [
      `channels/part-${index}.json`,
      channels < PER_FILE ? file(0, 'one').slice(0, channels) : file(index * PER_FILE, 'one'),
    ]),
  ),
});

// A load may use both cores: files are read in a thread of their own.
const few = await startGateway(components(10), { 'log.requests': 'none' }, '0,1');
const many = await startGateway(components(total), { 'log.requests': 'none' }, '0,1');
console.log(
  `${total} channels: started and ready after ${many.readyMs.toFixed(0)} ms, resident ${residentMegabytes(many.pid).toFixed(0)} MB`,
);
console.log(
  `10 channels: started and ready after ${few.readyMs.toFixed(0)} ms, resident ${residentMegabytes(few.pid).toFixed(0)} MB`,
);

/** What a request costs beside ten channels and beside all of them. */
async function compareRequests(title) {
  for (const { pid } of [few, many]) pin(pid, 0);
  const request = (path) =>
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: application/json\r\n\r\n`;
  const variants = [
    ['10 channels', few, '/api/request/channel-7/exact-9'],
    [`${total} channels`, many, `/api/request/channel-${total - 7}/exact-9`],
    ['10 channels, prefix rule', few, '/api/request/channel-7/area-3/a/b'],
    [`${total} channels, prefix rule`, many, `/api/request/channel-${total - 7}/area-3/a/b`],
    ['10 channels, alias', few, '/deep/short-7/x'],
    [`${total} channels, alias`, many, `/deep/short-${total - 7}/x`],
  ];
  const samples = new Map(variants.map(([name]) => [name, []]));
  for (let round = -1; round < 3 * rounds; round++) {
    for (const [name, gateway, path] of variants) {
      const before = cpuSeconds(gateway.pid);
      const { done, statuses } = await load({ port: gateway.port, request: request(path), connections: 32, requests });
      if (statuses.get('200') !== done) throw new Error(`${name}: ${[...statuses]}`);
      if (round >= 0) samples.get(name).push(((cpuSeconds(gateway.pid) - before) / done) * 1e6);
    }
  }
  console.log(
    `\n${title}: µs of CPU per request (median, min-max), and the median ratio to ten channels round by round`,
  );
  for (const [name, values] of samples) {
    const ofTen = samples.get(name.replace(`${total} channels`, '10 channels'));
    const range = `(${Math.min(...values).toFixed(1)}-${Math.max(...values).toFixed(1)})`;
    console.log(`${name.padEnd(30)} ${median(values).toFixed(1)} ${range}  ${medianRatio(values, ofTen).toFixed(3)}`);
  }
  for (const { pid } of [few, many]) pin(pid, '0,1');
}

/** Asks a request after the other over one connection: the longest answer shows the longest pause. */
async function probe(url, until) {
  let longest = 0;
  for (;;) {
    const begun = performance.now();
    const answer = await fetch(url);
    const text = answer.headers.get('x-version');
    await answer.arrayBuffer();
    const took = performance.now() - begun;
    longest = Math.max(longest, took);
    if (until(text)) return longest;
  }
}

const lag = async (gateway) => {
  const text = await (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text();
  return Number(/nodejs_eventloop_lag_max_seconds\{[^}]*\} ([\d.e-]+)/.exec(text)[1]) * 1000;
};
console.log(`event loop, worst delay until then: ${(await lag(many)).toFixed(1)} ms`);
await compareRequests('as loaded');
await lag(many);
const changes = [];
const pauses = [];
for (let round = 0; round < rounds; round++) {
  const version = `v${round}`;
  const records = file(0, 'one');
  records[7] = channel(7, version);
  const waiting = probe(`http://127.0.0.1:${many.port}/api/request/channel-7/exact-5`, (found) => found === version);
  await delay(50);
  const begun = performance.now();
  writeFileSync(join(many.home, 'components/channels/part-0.json'), JSON.stringify(records));
  await waiting;
  changes.push(performance.now() - begun);
  pauses.push(await lag(many));
}
console.log(
  `one changed record, from write to served: median ${median(changes).toFixed(0)} ms, worst ${Math.max(...changes).toFixed(0)} ms`,
);
console.log(
  `event loop, worst delay during a change: median ${median(pauses).toFixed(1)} ms, worst ${Math.max(...pauses).toFixed(1)} ms (10 ms is the meter's own step)`,
);

const full = [];
const fullPauses = [];
for (let round = 0; round < Math.min(5, rounds); round++) {
  const version = `all${round}`;
  await lag(many);
  const begun = performance.now();
  for (let index = 0; index < total / PER_FILE; index++) {
    writeFileSync(
      join(many.home, `components/channels/part-${index}.json`),
      JSON.stringify(file(index * PER_FILE, version)),
    );
  }
  await probe(`http://127.0.0.1:${many.port}/api/request/channel-${total - 1}/exact-5`, (found) => found === version);
  full.push(performance.now() - begun);
  fullPauses.push(await lag(many));
}
console.log(
  `all records changed, from first write to served: median ${median(full).toFixed(0)} ms, worst ${Math.max(...full).toFixed(0)} ms`,
);
console.log(
  `event loop, worst delay meanwhile: median ${median(fullPauses).toFixed(1)} ms, worst ${Math.max(...fullPauses).toFixed(1)} ms`,
);

await compareRequests('after all these changes');
process.exit(0);
