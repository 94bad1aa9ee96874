import { join } from 'node:path';
import { Questions, until } from './answers.mjs';
import { SoakGateway, started } from './gateway.mjs';
import { round } from './swaps.mjs';

/** Of many requests one in twenty is aborted by its client: before the answer, within an upload, within a streamed answer. Nothing of them stays. */
export const name = 'aborts';

/** As in swaps.mjs: what a collection leaves differs by that much from moment to moment. */
const MOST_MB_MORE = 3;
const MOST_MORE = 6;

export async function prove({ requests }) {
  const load = started([join(import.meta.dirname, 'aborts.process.mjs')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const questions = new Questions(load);
  const ask = (question, given = {}) => questions.ask({ question, ...given });
  const channel = (id, executor, port) => ({
    ...{ id, executor, paths: { '*': { isPublic: true } } },
    parameters: { 'server.baseUrl': `http://127.0.0.1:${port}` },
  });
  const port = await ask('port');
  const gateway = await SoakGateway.started({
    components: { 'all.json': { channels: [channel('rpc', 'rpc', port), channel('crud', 'crud', port)] } },
  });
  try {
    const warmUp = Math.max(2000, Math.ceil(requests / 10));
    await ask('run', { port: gateway.port, requests: warmUp });
    const before = await settled(gateway, ask);
    const goneBefore = await gone(gateway);
    const begun = performance.now();
    const figures = await ask('run', { port: gateway.port, requests });
    const seconds = (performance.now() - begun) / 1000;
    const after = await settled(gateway, ask);
    const counted = (await gone(gateway)) - goneBefore;
    const faults = gateway.output.split('\n').filter((line) => /"level":(50|60)|Warning|Error/.test(line));
    return {
      figures: {
        requests,
        seconds: round(seconds),
        'requests a second': Math.round(requests / seconds),
        'aborted before the answer': figures.aborted.waiting,
        'aborted within an upload': figures.aborted.upload,
        'aborted within a streamed answer': figures.aborted.stream,
        'counted as 499': counted,
        failed: figures.failed,
        'heap MB before': round(before.heapMb),
        'heap MB after': round(after.heapMb),
        'fds before': before.fds,
        'fds after': after.fds,
        'active resources before': before.resources,
        'active resources after': after.resources,
        'calls that the backend still has': after.calls,
        'errors in the log': faults.length,
      },
      complaints: [
        ...figures.complaints,
        ...faults.slice(0, 5),
        ...unless(figures.failed === 0, `${figures.failed} requests failed that nobody aborted`),
        ...unless(after.heapMb - before.heapMb < MOST_MB_MORE, 'the heap grows'),
        ...unless(after.fds - before.fds <= MOST_MORE, 'file descriptors grow'),
        ...unless(after.resources - before.resources <= MOST_MORE, `active resources grow: ${after.kinds}`),
        // A stream whose last piece was under way as its client left has been answered as a whole, as far as the gateway knows.
        ...unless(counted <= figures.total && counted >= figures.total * 0.9, `${counted} of ${figures.total} are 499`),
      ],
    };
  } finally {
    load.kill();
    await gateway.end();
  }
}

/** When nobody asks. How full the pool to the backend is is chance: its connections do not count (they are no active resources either). */
async function settled(gateway, ask) {
  await until(
    'the gateway has nothing in flight',
    async () => (await gateway.metric('sluice_requests_in_flight')) <= 1,
  );
  await until('the backend has no call', async () => (await ask('backend')).calls === 0);
  const memory = await gateway.ask('memory');
  const kinds = await gateway.ask('resources');
  const { connections, calls } = await ask('backend');
  const total = Object.values(kinds).reduce((sum, count) => sum + count, 0);
  return {
    ...{ heapMb: memory.heapMb, calls, kinds: JSON.stringify(kinds) },
    ...{ fds: memory.fds - connections, resources: total },
  };
}

/** The requests whose client went away. */
async function gone(gateway) {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('sluice_requests_total{') && line.includes('"499"'))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

const unless = (isGood, complaint) => (isGood ? [] : [complaint]);
