/**
 * Measures a load of 10,000 channels with 10 path rules and 2 aliases each (100 files of 100), and of one changed record among them:
 * time, longest pause of the event loop, memory. Run against a build: `node test/components/load-speed.mjs [DIST]`.
 */
import { mkdtempSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance, PerformanceObserver } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

const dist = resolve(process.argv[2] ?? 'dist');
const load = (name) => import(pathToFileURL(join(dist, 'components', name)).href);
const { ComponentStore } = await load('component-store.js');
const { FilesLoader } = await load('files-loader.js');
const { StandingFindings } = await load('finding-board.js');

const CHANNELS = 10_000;
const PER_FILE = 100;
const warns = process.argv.includes('--warnings');

function channel(number, stamp) {
  const paths = {};
  for (let rule = 0; rule < 10; rule++) {
    const methods = {
      GET: { isPublic: true, responseHeaders: { 'X-Rule': `${rule}` } },
      POST: warns ? { roles: ['admin'] } : { isPublic: false },
    };
    paths[rule === 9 ? `items${rule}/*` : `items${rule}/detail`] = {
      isPublic: rule % 2 === 0,
      canAudit: true,
      methods,
    };
  }
  return {
    id: `channel_${number}`,
    data: {
      name: `Channel ${number}`,
      description: stamp,
      status: 'ACTIVE',
      system: `system_${number % 50}`,
      target: `/api/crud/${number}`,
      paths,
      aliases: [
        { alias: `alias_${number}_a`, target: 'items0', headerMap: { 'X-Key': '{"X-Value": value}' } },
        { alias: `alias_${number}_b`, target: 'items1' },
      ],
    },
  };
}

function writeFile(folder, file, stamp) {
  const records = Array.from({ length: PER_FILE }, (_, index) =>
    channel(file * PER_FILE + index, index === 7 ? stamp : 'steady'),
  );
  const path = join(folder, 'channels', `channels-${file}.json`);
  writeFileSync(`${path}.tmp`, JSON.stringify(records, null, 1));
  renameSync(`${path}.tmp`, path);
  return performance.now();
}

/** The longest time between two turns of the event loop as a 1 ms timer sees it, and the longest garbage collection of this thread. */
function watchPauses() {
  let last = performance.now();
  let longest = 0;
  let collection = 0;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) collection = Math.max(collection, entry.duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    reset() {
      last = performance.now();
      longest = collection = 0;
    },
    async take() {
      tick();
      const pauseMs = Number(longest.toFixed(1));
      await sleep(10);
      return { pauseMs, collectionMs: Number(collection.toFixed(1)) };
    },
    stop() {
      clearInterval(timer);
      observer.disconnect();
    },
  };
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const folder = mkdtempSync(join(tmpdir(), 'sluice-speed-'));
mkdirSync(join(folder, 'channels'));
mkdirSync(join(folder, 'systems'));
writeFileSync(
  join(folder, 'systems', 'systems.json'),
  JSON.stringify(
    Array.from({ length: 50 }, (_, number) => ({
      id: `system_${number}`,
      data: { executor: 'rpc', parameters: { 'server.baseUrl': 'http://localhost' } },
    })),
  ),
);
for (let file = 0; file < CHANNELS / PER_FILE; file++) writeFile(folder, file, 'first');

const store = new ComponentStore({
  board: new StandingFindings(),
  log: (level, message, fields) => level === 'error' && console.error(message, fields),
});
const loader = new FilesLoader(store, {
  folder,
  gatewayId: 'default',
  refreshMs: -1,
  log: (level, message, fields) => console.log(`  ${level} ${message} ${JSON.stringify(fields)}`),
});
const next = () =>
  new Promise((done) => {
    const revision = store.current()?.revision ?? 0;
    const end = store.subscribe(async (set) => {
      if (set.revision <= revision) return;
      queueMicrotask(() => end());
      done(performance.now());
    });
  });

await sleep(300);
const pauses = watchPauses();
await sleep(200);
const results = {};
global.gc?.();
const heapBefore = process.memoryUsage().heapUsed;
pauses.reset();
let startedAt = performance.now();
let done = next();
loader.start();
results.fullLoadMs = (await done) - startedAt;
results.fullLoadPauses = await pauses.take();
await sleep(500);
results.channels = store.current().records.channel.size;
results.findings = store.current().findings.length;
global.gc?.();
results.heapMb = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;

const changes = [];
for (let turn = 0; turn < 12; turn++) {
  pauses.reset();
  done = next();
  const before = store.current();
  startedAt = writeFile(folder, 3 + turn, `turn ${turn}`);
  const ms = (await done) - startedAt;
  await sleep(20);
  const changed = [...store.current().records.channel].filter(
    ([id, component]) => before.records.channel.get(id) !== component,
  ).length;
  changes.push({ ms: Number(ms.toFixed(1)), ...(await pauses.take()), changed });
  await sleep(100);
}
results.changes = changes;

for (let file = 0; file < CHANNELS / PER_FILE; file++) writeFile(folder, file, 'again');
await sleep(5);
pauses.reset();
startedAt = performance.now();
await loader.refresh();
results.fullReloadMs = performance.now() - startedAt;
results.fullReloadPauses = await pauses.take();
const { changes: all, ...rest } = results;
console.log(JSON.stringify(rest, null, 1));
for (const change of all) console.log(JSON.stringify(change));
pauses.stop();
await loader.stop();
rmSync(folder, { recursive: true });
