import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { openThreadAccount } from '../support/thread-account.ts';

/** Loaded into the gateway before its own code (`--import`): tells who started it what only the process itself knows. */
const RESOLUTION_MS = 1;

const nothingYet = () => ({ ownMaxMs: 0, ownMaxRanMs: 0, ownAbove20: 0, gcMaxMs: 0 });

/** Pauses without what the main thread waited for a core that others had: what the gateway itself is to blame for. */
class PauseWatch {
  #account = openThreadAccount();
  #at = performance.now();
  #before = this.#account.times();
  #figures = nothingYet();

  constructor() {
    setInterval(() => this.#tick(), RESOLUTION_MS).unref();
    const collections = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#figures.gcMaxMs = Math.max(this.#figures.gcMaxMs, duration);
    });
    collections.observe({ entryTypes: ['gc'] });
  }

  taken() {
    const figures = this.#figures;
    this.#figures = nothingYet();
    return figures;
  }

  #tick() {
    const [at, times] = [performance.now(), this.#account.times()];
    const pauseMs = at - this.#at - (times.waitedMs - this.#before.waitedMs) - RESOLUTION_MS;
    if (pauseMs > this.#figures.ownMaxMs) {
      this.#figures.ownMaxMs = pauseMs;
      this.#figures.ownMaxRanMs = times.ranMs - this.#before.ranMs;
    }
    if (pauseMs > 20) this.#figures.ownAbove20++;
    this.#at = at;
    this.#before = times;
  }
}

if (isMainThread && process.send !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const watch = new PauseWatch();
  const questions = {
    /** Of the event loop since the last question. */
    pauses() {
      const figures = {
        maxMs: ms(delay.max),
        p999Ms: ms(delay.percentile(99.9)),
        above20: above(delay, 20),
        above200: above(delay, 200),
        ...watch.taken(),
      };
      delay.reset();
      return figures;
    },
    /** What stays after a collection. */
    memory() {
      for (let round = 0; round < 3; round++) globalThis.gc();
      const { heapUsed, external } = process.memoryUsage();
      return { heapMb: (heapUsed + external) / 2 ** 20, fds: readdirSync('/proc/self/fd').length };
    },
    /** What keeps the event loop busy, by kind. */
    resources() {
      const kinds = {};
      for (const kind of process.getActiveResourcesInfo()) kinds[kind] = (kinds[kind] ?? 0) + 1;
      return kinds;
    },
  };
  process.on('message', ({ id, question }) => {
    // A worker has other messages of its supervisor.
    if (Object.hasOwn(questions, question ?? '')) process.send({ id, answer: questions[question]() });
  });
  process.channel.unref();
}

/** The histogram holds the time from one tick to the next. */
function ms(ns) {
  return Math.max(0, ns / 1e6 - RESOLUTION_MS);
}

/** How many ticks came later than that. */
function above(histogram, boundMs) {
  let [low, high] = [0, 100];
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (middle > 0 && ms(histogram.percentile(middle)) > boundMs) high = middle;
    else low = middle;
  }
  return ms(histogram.max) > boundMs ? Math.max(1, Math.round((1 - low / 100) * histogram.count)) : 0;
}
