import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SWEPT_AT_ONCE } from './session-statements.js';
import { SessionSweeper } from './session-sweeper.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Answers the counts one after the other, then nought. */
function aStore(...counts: (number | Error)[]) {
  const store = {
    asked: 0,
    hasOpened: true,
    rows: async <R>(): Promise<R[]> => {
      const count = counts[store.asked++] ?? 0;
      if (count instanceof Error) throw count;
      return [{ count } as R];
    },
  };
  return store;
}

describe('the sweeper of sessions', () => {
  it('goes on while there are full batches', async () => {
    const store = aStore(SWEPT_AT_ONCE, SWEPT_AT_ONCE, 1);
    await new SessionSweeper(store).sweep();
    expect(store.asked).toBe(3);
  });
  it('opens no database', async () => {
    const store = Object.assign(aStore(), { hasOpened: false });
    await new SessionSweeper(store).sweep();
    expect(store.asked).toBe(0);
  });
  it('comes again and again, also after a failure, until it is stopped', async () => {
    const store = aStore(new Error('away'));
    const sweeper = new SessionSweeper(store, () => 0.5);
    for (let times = 0; times < 2; times++) sweeper.start();
    await jest.advanceTimersByTimeAsync(120_000);
    expect(store.asked).toBe(1);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(store.asked).toBe(2);
    sweeper.stop();
    sweeper.start();
    expect(jest.getTimerCount()).toBe(0);
  });
  it('stops between two batches', async () => {
    const store = aStore(SWEPT_AT_ONCE, SWEPT_AT_ONCE);
    const sweeper = new SessionSweeper(store);
    const swept = sweeper.sweep();
    sweeper.stop();
    await swept;
    expect(store.asked).toBe(1);
  });
});
