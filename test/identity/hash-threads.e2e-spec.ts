import { afterEach, describe, expect, it } from '@jest/globals';
import { argon2Sync } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Derivation } from '../../src/identity/passwords/derivation.js';
import type { HashThreads as Threads } from '../../src/identity/passwords/hash-threads.js';
import { SCHED_IDLE, SCHED_OTHER, threadPriorities } from '../support/thread-priorities.js';

/** The built product's: its threads load no TypeScript. */
const { HashThreads } = (await import(
  new URL('../../dist/identity/passwords/hash-threads.js', import.meta.url).href
)) as typeof import('../../src/identity/passwords/hash-threads.js');

const WORK: Extract<Derivation, { readonly kind: 'argon2id' }> = {
  kind: 'argon2id',
  ...{ password: 'correct horse', salt: Buffer.alloc(16, 7) },
  ...{ memory: 19_456, passes: 2, parallelism: 1, tagBytes: 32 },
};
const TAG = argon2Sync('argon2id', {
  ...{ message: WORK.password, nonce: WORK.salt, memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 },
}).toString('hex');
const hex = (tag: Uint8Array): string => Buffer.from(tag).toString('hex');

const canIdle = spawnSync('chrt', ['-i', '0', 'true']).status === 0;
const steppedBack = (): unknown[] => threadPriorities('self').filter(([nice]) => nice === '10');

describe('threads that hash', () => {
  let threads: Threads;
  const busy: Worker[] = [];
  afterEach(async () => {
    await Promise.all(busy.splice(0).map((worker) => worker.terminate()));
    await threads.close();
  });

  it('derive what Node does, one after the other and at once', async () => {
    threads = new HashThreads(2);
    expect(hex(await threads.derive(WORK))).toBe(TAG);
    expect((await Promise.all([threads.derive(WORK), threads.derive(WORK)])).map(hex)).toEqual([TAG, TAG]);
  });

  it('pass on what is wrong with the work, and go on', async () => {
    threads = new HashThreads(1);
    await expect(threads.derive({ ...WORK, passes: 0 })).rejects.toThrow('passes');
    expect(hex(await threads.derive(WORK))).toBe(TAG);
  });

  it('run behind all others: idle, where the machine has a command for it', async () => {
    threads = new HashThreads(1);
    await threads.derive(WORK);
    expect(steppedBack()).toEqual([['10', canIdle ? SCHED_IDLE : SCHED_OTHER]]);
  });

  it('are only nice for a while where no core has time, so that nobody waits without end', async () => {
    threads = new HashThreads(1);
    await threads.derive(WORK);
    for (let core = 0; core < availableParallelism() + 1; core++) busy.push(new Worker('for (;;);', { eval: true }));
    await Promise.all(busy.map((worker) => new Promise((online) => worker.once('online', online))));
    expect(hex(await threads.derive(WORK))).toBe(TAG);
    expect(steppedBack()).toContainEqual(['10', SCHED_OTHER]);
  }, 30_000);

  it('take nothing after the end', async () => {
    threads = new HashThreads(1);
    await threads.close();
    await expect(threads.derive(WORK)).rejects.toThrow('No thread is left');
  });
});
