import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LookAgain, type LookOptions } from './look-again.js';

/** Looks that end when the test says so. */
class HeldLooks {
  readonly seen: LookOptions[] = [];
  private held: ((dueMs: number) => void)[] = [];
  readonly look = (options: LookOptions): Promise<number> => {
    this.seen.push(options);
    return new Promise((resolve) => this.held.push(resolve));
  };

  async end(dueMs = 1000): Promise<void> {
    this.held.shift()!(dueMs);
    await settled();
  }
}
/** Everything that needs no timer has happened. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

let looks: HeldLooks;
let again: LookAgain;
beforeEach(() => {
  jest.useFakeTimers();
  looks = new HeldLooks();
  again = new LookAgain(looks.look);
  again.start();
});
afterEach(() => void jest.useRealTimers());

const full = { full: true, acceptEmpty: false };
const quick = { full: false, acceptEmpty: false };

describe('looks at a source', () => {
  it('come again as often as each says', async () => {
    void again.now({});
    await settled();
    await looks.end(1000);
    jest.advanceTimersByTime(999);
    await settled();
    expect(looks.seen).toEqual([quick]);
    jest.advanceTimersByTime(1);
    await settled();
    expect(looks.seen).toEqual([quick, full]);
  });
  it('come again also where another was asked for during one', async () => {
    void again.now({});
    await settled();
    void again.now({});
    await looks.end();
    await looks.end();
    jest.advanceTimersByTime(1000);
    await settled();
    expect(looks.seen).toEqual([quick, quick, full]);
  });
  it('never overlap, and one stands for all that were asked for meanwhile, with all that they want', async () => {
    void again.now({});
    await settled();
    const ended: string[] = [];
    void again.now({ acceptEmpty: true }).then(() => ended.push('a'));
    void again.now({ full: true }).then(() => ended.push('b'));
    await settled();
    expect(looks.seen).toHaveLength(1);
    await looks.end();
    expect(looks.seen).toEqual([quick, { full: true, acceptEmpty: true }]);
    expect(ended).toEqual([]);
    await looks.end();
    expect(ended).toEqual(['a', 'b']);
  });
  it('answer each caller after one look, however many more are asked for', async () => {
    let isDone = false;
    void again.now({}).then(() => (isDone = true));
    await settled();
    void again.now({});
    await looks.end();
    expect(isDone).toBe(true);
  });
  it('end with stop, which waits for the one under way', async () => {
    void again.now({});
    await settled();
    void again.now({});
    let isStopped = false;
    void again.stop().then(() => (isStopped = true));
    await settled();
    expect(isStopped).toBe(false);
    await looks.end();
    expect(isStopped).toBe(true);
    jest.advanceTimersByTime(100_000);
    await settled();
    expect(looks.seen).toHaveLength(1);
  });
});
