import { describe, expect, it } from '@jest/globals';
import { unplanned } from '../../../test/support/an-exchange.js';
import { ParametersRejected, type Executor, type Target } from '../../contracts/executor.js';
import { Targets } from './targets.js';

/** An executor whose targets close when the test says so. */
function someTargets() {
  const failures: unknown[] = [];
  const closing = new Map<string, PromiseWithResolvers<void>>();
  let made = 0;
  const executor: Executor = {
    parameterSpecs: {},
    prepare: (parameters, { key }): Target => {
      if (parameters.has('bad')) throw new ParametersRejected([]);
      made++;
      return {
        key,
        ready: () => true,
        bind: () => unplanned('a binding'),
        close: () => {
          const closed = Promise.withResolvers<void>();
          closing.set(key, closed);
          return closed.promise;
        },
      };
    },
  };
  const targets = new Targets((error) => failures.push(error));
  const get = (key: string, ...names: string[]) =>
    targets.get(executor, new Map(names.map((name) => [name, ''])), { name: 'orders', key, maxBufferedBytes: 1 });
  return { targets, get, failures, closing, made: () => made };
}

describe('targets', () => {
  it('are one for equal keys', () => {
    const { get, made } = someTargets();
    expect(get('a')).toBe(get('a'));
    expect(get('b')).not.toBe(get('a'));
    expect(made()).toBe(2);
  });
  it('that cannot be made are not remembered', () => {
    const { get } = someTargets();
    expect(() => get('a', 'bad')).toThrow(ParametersRejected);
    expect(get('a').key).toBe('a');
  });
  it('that nobody names any more are closed, and the others kept', () => {
    const { targets, get, closing } = someTargets();
    const kept = get('a');
    get('b');
    targets.retain(new Set(['a', 'c']));
    expect([[...closing.keys()], get('a') === kept]).toEqual([['b'], true]);
  });
  it('that are needed again while they close are made anew', () => {
    const { targets, get } = someTargets();
    const old = get('a');
    targets.retain(new Set());
    expect(get('a')).not.toBe(old);
  });
  it('are all closed at the end, those too that were closing already', async () => {
    const { targets, get, closing } = someTargets();
    get('a');
    get('b');
    targets.retain(new Set(['b']));
    let done = false;
    const closed = targets.close().then(() => (done = true));
    closing.get('b')!.resolve();
    await Promise.resolve();
    expect(done).toBe(false);
    closing.get('a')!.resolve();
    await closed;
    expect(done).toBe(true);
  });
  it('that do not close cleanly are reported, and hold up nobody', async () => {
    const { targets, get, closing, failures } = someTargets();
    get('a');
    const closed = targets.close();
    closing.get('a')!.reject(new Error('no'));
    await closed;
    expect(failures).toEqual([new Error('no')]);
  });
});
