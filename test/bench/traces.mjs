import { cpus } from 'node:os';
import { startGateway } from './gateway.mjs';
import { load } from './load.mjs';
import { cpuSeconds, jsonPort, median, medianRatio, pinSelf, start } from './processes.mjs';

/**
 * `npm run bench:traces`: what spans cost: CPU time of the gateway process per request without a collector, and with one at several
 * shares of sampled traces; variants in turn, medians, and the median of the ratios round by round.
 */
const option = (name, otherwise) => {
  const index = process.argv.indexOf(`--${name}`);
  return index === -1 ? otherwise : process.argv[index + 1];
};
const rounds = Number(option('rounds', 25));
const requests = Number(option('requests', 3000));
const root = new URL('./', import.meta.url).pathname;

pinSelf(1);
const backend = await start([`${root}backend.mjs`], { core: 1, isReady: jsonPort });
const sink = await start([`${root}otlp-sink.mjs`], { core: 1, isReady: jsonPort });
const components = {
  'systems.json': {
    systems: [{ id: 'rpc', executor: 'rpc', parameters: { 'server.baseUrl': `http://127.0.0.1:${backend.port}` } }],
    channels: [{ id: 'rpc', system: 'rpc', target: '/api/rpc', paths: { '*': { isPublic: true } } }],
  },
};
const quiet = { 'log.requests': 'none' };
const exporting = (sampling) => ({
  ...quiet,
  'telemetry.otlp.endpoint': `http://127.0.0.1:${sink.port}`,
  'telemetry.sampling': sampling,
});
const body = JSON.stringify({ name: 'Ada', items: [1, 2, 3], nested: { deep: true } });
const head =
  'POST /api/request/rpc/Hello HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: application/json\r\n';
const request = `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const NONE = 'no collector';
const variants = [
  [NONE, await startGateway(components, quiet)],
  ['a collector, 0 sampled', await startGateway(components, exporting('0'))],
  ['a collector, 1 % sampled', await startGateway(components, exporting('0.01'))],
  ['a collector, 10 % sampled', await startGateway(components, exporting('0.1'))],
  ['a collector, all sampled', await startGateway(components, exporting('1.0'))],
];
console.log(`${cpus().length} x ${cpus()[0].model}, Node ${process.version}, ${rounds} rounds of ${requests} requests`);
const samples = new Map(variants.map(([name]) => [name, []]));
for (let round = -1; round < rounds; round++) {
  for (const [name, { pid, port }] of variants) {
    const before = cpuSeconds(pid);
    const { done, statuses } = await load({ port, request, connections: 32, requests });
    if (statuses.get('200') !== done) throw new Error(`${name}: ${[...statuses]}`);
    // What waits for its batch belongs to the request that it tells of.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    if (round >= 0) samples.get(name).push(((cpuSeconds(pid) - before) / done) * 1e6);
  }
}
console.log('\nvariant                        µs/request (median, min-max)   ratio');
for (const [name, values] of samples) {
  const range = `${Math.min(...values).toFixed(1)}-${Math.max(...values).toFixed(1)}`;
  const ratio = medianRatio(values, samples.get(NONE)).toFixed(3);
  console.log(`${name.padEnd(30)} ${median(values).toFixed(1).padStart(6)} (${range})`.padEnd(62), ratio);
}
for (const [name, { port }] of variants.slice(1)) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const figures = [...text.matchAll(/^sluice_spans_(\w+)\{([^}]*)\} (\d+)/gm)].map(
    ([, what, , count]) => `${what} ${count}`,
  );
  console.log(`${name}: ${figures.join(', ')}`);
}
process.exit(0);
