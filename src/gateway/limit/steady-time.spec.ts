import { describe, expect, it } from '@jest/globals';
import { TestLimitClock } from '../../../test/support/limit-clock.js';
import { SingleTimer, SteadyTime } from './steady-time.js';

describe('steady time', () => {
  it('goes on from where the clock jumps back to, as if nothing had been', () => {
    const clock = new TestLimitClock(0);
    const time = SteadyTime.of(clock);
    clock.advance(100);
    expect(time.now()).toBe(100);
    clock.jump(-3_600_000);
    expect(time.now()).toBe(100);
    clock.advance(50);
    expect(time.now()).toBe(150);
  });
  it('is not wrapped twice', () => {
    const time = SteadyTime.of(new TestLimitClock());
    expect(SteadyTime.of(time)).toBe(time);
  });
});

describe('a single timer', () => {
  function started(dueAt: number) {
    const clock = new TestLimitClock(0);
    const time = SteadyTime.of(clock);
    const runs: number[] = [];
    const timer = new SingleTimer(time, () => runs.push(time.now()));
    timer.startAt(dueAt);
    return { clock, timer, runs };
  }

  it('runs once', () => {
    const { clock, timer, runs } = started(10);
    timer.startAt(5);
    clock.advance(100);
    expect(runs).toEqual([10]);
  });
  it('stops, any number of times', () => {
    const { clock, timer, runs } = started(10);
    timer.stop();
    timer.stop();
    clock.advance(100);
    expect([runs, clock.timerCount]).toEqual([[], 0]);
  });
  it('moves time on where the clock stands still', () => {
    const { clock, runs } = started(10);
    clock.freeze();
    clock.advance(10);
    expect(runs).toEqual([10]);
  });
  it('is not asked of Node for longer than Node can wait', () => {
    const { clock, runs } = started(1e12);
    clock.advance(2 ** 31);
    expect(runs).toEqual([2 ** 31 - 1]);
  });
});
