import { join } from 'node:path';
import { RunningBalancer } from '../support/balancer.ts';
import { Questions, until } from './answers.mjs';
import { freePort, SoakGateway, started } from './gateway.mjs';
import { SoakDatabase } from './postgres.mjs';
import { round } from './swaps.mjs';

const REPLICAS = ['one', 'two'];

/**
 * Two replicas on one Postgres behind a real balancer. A roll restarts both in turn, under load: SIGTERM, its exit code, a new start, and
 * on to the next when it is ready and the balancer uses it.
 */
export async function rollBehind(kind, { rolls, delayMs, workers }) {
  const database = await SoakDatabase.made();
  const load = started([join(import.meta.dirname, 'rolling.process.mjs')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const questions = new Questions(load);
  const ask = (question, given = {}) => questions.ask({ question, ...given });
  const replicas = [];
  let balancer = null;
  try {
    for (const name of REPLICAS) replicas.push(await aReplica(name, database, { delayMs, workers }));
    await database.insert('channel', 'rolled', aChannel(await ask('port')));
    await Promise.all(replicas.map(serves));
    balancer = await RunningBalancer.start(kind, {
      port: await freePort(),
      replicas: replicas.map(({ port }) => port),
    });
    await ask('begin', { port: balancer.port });
    for (const name of REPLICAS) await isUsed(ask, name);
    const begun = performance.now();
    const [stopMs, readyMs, usedMs, codes] = [[], [], [], []];
    for (let roll = 0; roll < rolls; roll++) {
      for (const [index, gateway] of replicas.entries()) {
        const toldAt = performance.now();
        await gateway.end();
        codes.push(gateway.child.exitCode);
        stopMs.push(performance.now() - toldAt);
        gateway.start();
        readyMs.push(await gateway.ready());
        const readyAt = performance.now();
        await isUsed(ask, REPLICAS[index]);
        usedMs.push(performance.now() - readyAt);
      }
    }
    const seconds = (performance.now() - begun) / 1000;
    const figures = await ask('end');
    return {
      figures: {
        rolls,
        restarts: codes.length,
        'exit codes that are not 0': codes.filter((code) => code !== 0).length,
        seconds: round(seconds),
        requests: figures.requests,
        'on a kept connection': figures.reused,
        'requests a second': Math.round(figures.requests / seconds),
        failed: figures.failed,
        'POST that the runner got twice': figures.postsTwice,
        'GET that the runner got twice': figures.getsTwice,
        'SIGTERM to exit, worst ms': Math.round(Math.max(...stopMs)),
        'start to ready, worst ms': Math.round(Math.max(...readyMs)),
        'ready to used by the balancer, worst ms': Math.round(Math.max(...usedMs)),
        'slowest request ms': Math.round(figures.slowestMs),
      },
      complaints: [
        ...figures.complaints,
        ...(figures.complaints.length > 0 ? [untold(balancer.log)] : []),
        ...unless(figures.failed === 0, `${figures.failed} requests failed`),
        ...unless(figures.postsTwice === 0, `${figures.postsTwice} POST were sent twice`),
        ...unless(figures.unasked === 0, `${figures.unasked} calls came after their answer`),
        ...unless(
          codes.every((code) => code === 0),
          `exit codes ${codes.join(' ')}`,
        ),
      ],
    };
  } finally {
    await balancer?.stop();
    load.kill();
    for (const gateway of replicas) await gateway.end('SIGKILL');
    await database.remove();
  }
}

function aReplica(name, database, { delayMs, workers }) {
  return SoakGateway.started({
    settings: {
      'config.loader.type': 'database',
      'database.url': database.url,
      'secrets.key': 'k'.repeat(32),
      'server.shutdownDelayMs': delayMs,
      'server.workers': workers,
      // Tells the runner who called.
      'id.prefix': name,
    },
  });
}

const aChannel = (port) => ({
  executor: 'rpc',
  paths: { '*': { isPublic: true } },
  parameters: { 'server.baseUrl': `http://127.0.0.1:${port}` },
});

function serves(gateway) {
  return until('what was inserted is served', async () => {
    const answer = await fetch(`${gateway.url}/api/request/rolled/x?number=-1`);
    await answer.arrayBuffer();
    return answer.status === 200;
  });
}

/** The balancer sends it some requests. */
async function isUsed(ask, name) {
  const calls = async () => (await ask('figures')).seen[name] ?? 0;
  const before = await calls();
  await until(`the balancer uses ${name}`, async () => (await calls()) > before + 10);
}

/** What the balancer says, but for refused connections, which are part of a roll. */
const untold = (log) =>
  log
    .split('\n')
    .filter((line) => !/Connection refused|temporarily disabled/.test(line))
    .slice(-20)
    .join('\n');
const unless = (isGood, complaint) => (isGood ? [] : [complaint]);
