import { until } from './answers.mjs';

/** Heap that may be there more, and descriptors: what a collection leaves differs by that much from moment to moment. */
const MOST_MB_MORE = 3;
const MOST_FDS_MORE = 6;

/**
 * Swaps the versions of a channel and its system under full load, each when the one before is served.
 * @param write brings a version to the source
 */
export async function swapUnderLoad({ gateway, traffic, swaps, write }) {
  await traffic.begin(gateway.port);
  await traffic.sees(1);
  await gateway.ask('pauses');
  // Full load and no swap for a while: the pauses that are the machine's own, to compare with.
  await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, swaps * 5)));
  const quiet = await gateway.ask('pauses');
  const warmUp = 1 + Math.max(50, Math.ceil(swaps / 10));
  for (let version = 2; version <= warmUp; version++) await swap(version);
  const before = await settled(gateway, traffic);
  const revisionBefore = await gateway.metric('sluice_config_revision');
  const answersBefore = (await traffic.ask('figures')).answers;
  await traffic.ask('resume');
  await gateway.ask('pauses');
  const scheduledBefore = gateway.scheduled();
  const begun = performance.now();
  const took = [];
  for (let version = warmUp + 1; version <= warmUp + swaps; version++) took.push(await swap(version));
  const seconds = (performance.now() - begun) / 1000;
  const pauses = await gateway.ask('pauses');
  const scheduled = gateway.scheduled();
  const figures = await traffic.ask('figures');
  const after = await settled(gateway, traffic);
  const revisions = (await gateway.metric('sluice_config_revision')) - revisionBefore;
  took.sort((a, b) => a - b);
  return {
    figures: {
      swaps,
      revisions,
      seconds: round(seconds),
      'swaps a second': round(swaps / seconds),
      'write to served, median ms': round(took[took.length >> 1]),
      'write to served, worst ms': round(took.at(-1)),
      answers: figures.answers - answersBefore,
      'answers a second': Math.round((figures.answers - answersBefore) / seconds),
      'failed, refused or mixed': figures.failed,
      'longest pause ms': round(pauses.maxMs),
      'pause p99.9 ms': round(pauses.p999Ms),
      'pauses above 20 ms': pauses.above20,
      'pauses above 200 ms': pauses.above200,
      'longest pause ms, without waiting for a core': round(pauses.ownMaxMs),
      'in which it ran for ms': round(pauses.ownMaxRanMs),
      'pauses above 20 ms, without waiting for a core': pauses.ownAbove20,
      'longest collection ms': round(pauses.gcMaxMs),
      'longest pause ms, no swaps': round(quiet.maxMs),
      'CPU taken by others s': round(scheduled.waitedS - scheduledBefore.waitedS),
      'heap MB before': round(before.heapMb),
      'heap MB after': round(after.heapMb),
      'fds before': before.fds,
      'fds after': after.fds,
      'connections of the swapped system, most at once': figures.swapped.most,
      'connections of the unchanged system, ever': figures.steady.total,
    },
    complaints: [
      ...figures.complaints,
      ...unless(figures.failed === 0, `${figures.failed} answers were failed, refused or mixed`),
      ...unless(figures.newest <= warmUp + swaps, `version ${figures.newest} never was`),
      ...unless(revisions >= swaps, `${revisions} revisions of ${swaps} swaps`),
      ...unless(after.heapMb - before.heapMb < MOST_MB_MORE, 'the heap grows'),
      ...unless(after.fds - before.fds <= MOST_FDS_MORE, 'file descriptors grow'),
      // 24 clients: pools of the version before drain while the new ones fill.
      ...unless(figures.swapped.most <= 4 * 24, `${figures.swapped.most} connections to the swapped system at once`),
      ...unless(figures.steady.total <= 8, `${figures.steady.total} connections to the unchanged system`),
    ],
  };

  async function swap(version) {
    const writtenAt = performance.now();
    await write(version);
    await traffic.sees(version);
    return performance.now() - writtenAt;
  }
}

/** What the gateway holds when nobody asks and replaced pools are gone. How full the pools in force are is chance: they do not count. */
async function settled(gateway, traffic) {
  await traffic.ask('pause');
  await until('replaced pools are gone', async () => (await traffic.ask('figures')).swapped.open <= 24);
  const memory = await gateway.ask('memory');
  const { swapped, steady } = await traffic.ask('figures');
  return { ...memory, fds: memory.fds - swapped.open - steady.open };
}

const unless = (isGood, complaint) => (isGood ? [] : [complaint]);
export const round = (value) => Math.round(value * 10) / 10;
