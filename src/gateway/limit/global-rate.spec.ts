import { describe, expect, it } from '@jest/globals';
import { GateVisitor, told } from '../../../test/support/gate-visitor.js';
import { TestLimitClock } from '../../../test/support/limit-clock.js';
import { GlobalRate, type GlobalRateRules } from './global-rate.js';

const HOUR_MS = 3_600_000;

function aRate(rules: Partial<GlobalRateRules> = {}) {
  const clock = new TestLimitClock();
  const rate = new GlobalRate({ refreshPeriodMs: 1000, periodLimit: 2, timeoutMs: 0, ...rules }, clock);
  const enter = (count: number) => Array.from({ length: count }, () => new GateVisitor().enter(rate));
  return { clock, rate, enter };
}

async function statesOf(visitors: readonly GateVisitor[]): Promise<readonly string[]> {
  await told();
  return visitors.map(({ state }) => state);
}

describe('a global rate of 2 a second', () => {
  it('lets two in, and refuses the third with the time to the next cycle', async () => {
    const { clock, enter } = aRate();
    clock.advance(300);
    const visitors = enter(3);
    expect(await statesOf(visitors)).toEqual(['in', 'in', 'refused']);
    expect(visitors[2]?.retryAfterMs).toBe(700);
  });
  it('counts cycles from its making: four may come at their border', async () => {
    const { clock, enter } = aRate();
    clock.advance(999);
    const before = enter(3);
    clock.advance(1);
    expect(await statesOf([...before, ...enter(3)])).toEqual(['in', 'in', 'refused', 'in', 'in', 'refused']);
  });
  it('saves up nothing over a quiet hour', async () => {
    const { clock, rate, enter } = aRate();
    clock.advance(HOUR_MS + 1);
    expect(rate.snapshot()).toEqual({ available: 2, waiting: 0 });
    expect(await statesOf(enter(3))).toEqual(['in', 'in', 'refused']);
  });
  it('gives nothing for a clock that jumps back, and no longer wait either', async () => {
    const { clock, enter } = aRate();
    enter(2);
    clock.jump(-HOUR_MS);
    expect(await statesOf(enter(1))).toEqual(['refused']);
    clock.advance(1000);
    expect(await statesOf(enter(3))).toEqual(['in', 'in', 'refused']);
  });
});

describe('a global rate of 2 a second that is waited for up to 1.5 s', () => {
  const rules = { timeoutMs: 1500 };

  it('lets those in who wait, in order, as their cycles begin', async () => {
    const { clock, enter } = aRate(rules);
    const visitors = enter(5);
    expect(await statesOf(visitors)).toEqual(['in', 'in', 'waiting', 'waiting', 'refused']);
    clock.advance(999);
    expect(await statesOf(visitors)).toEqual(['in', 'in', 'waiting', 'waiting', 'refused']);
    clock.advance(1);
    expect(await statesOf(visitors)).toEqual(['in', 'in', 'in', 'in', 'refused']);
  });
  it('has no more wait than can be let in within the timeout, and tells the next when there is a free permission', async () => {
    const { clock, rate, enter } = aRate(rules);
    clock.advance(600);
    const visitors = enter(7);
    expect(rate.snapshot()).toEqual({ available: 0, waiting: 4 });
    expect([await statesOf(visitors.slice(6)), visitors[6]?.retryAfterMs]).toEqual([['refused'], 2400]);
  });
  it('gives the turn of who goes to the next', async () => {
    const { clock, enter } = aRate({ ...rules, periodLimit: 1 });
    clock.advance(600);
    const [, first, second, refused] = enter(4);
    first?.go();
    clock.advance(400);
    expect(await statesOf([first!, second!, refused!])).toEqual(['gone', 'in', 'refused']);
    expect(second?.listener).toBeNull();
  });
  it('lets nobody overtake: what waits is let in before who comes at the border, also where the timer is late', async () => {
    const { clock, enter } = aRate(rules);
    const visitors = enter(4);
    clock.stall(1000);
    const latecomer = enter(1);
    expect(await statesOf([...visitors, ...latecomer])).toEqual(['in', 'in', 'in', 'in', 'waiting']);
  });
  it('does not keep who has gone before', async () => {
    const { rate, enter } = aRate(rules);
    enter(2);
    const visitor = new GateVisitor();
    visitor.go();
    expect(await statesOf([visitor.enter(rate)])).toEqual(['gone']);
    expect(rate.snapshot().waiting).toBe(0);
  });
  it('lets those in who wait where the clock stands still', async () => {
    const { clock, enter } = aRate(rules);
    const visitors = enter(3);
    clock.freeze();
    clock.advance(1000);
    expect(await statesOf(visitors)).toEqual(['in', 'in', 'in']);
  });
  it('has one timer at most, and none when nobody waits any more', () => {
    const { clock, enter } = aRate(rules);
    enter(4);
    expect(clock.timerCount).toBe(1);
    clock.advance(1000);
    expect(clock.timerCount).toBe(0);
  });
});

describe('a change of a global rate', () => {
  it('changes nothing where the numbers are the same', async () => {
    const { clock, rate, enter } = aRate({ timeoutMs: 1500 });
    const visitors = enter(4);
    clock.advance(400);
    rate.change({ refreshPeriodMs: 1000, periodLimit: 2, timeoutMs: 1500 });
    expect(rate.snapshot()).toEqual({ available: 0, waiting: 2 });
    clock.advance(600);
    expect(await statesOf(visitors)).toEqual(['in', 'in', 'in', 'in']);
  });
  it('keeps what has been let in already counted', () => {
    const { rate, enter } = aRate({ periodLimit: 10 });
    enter(4);
    rate.change({ refreshPeriodMs: 1000, periodLimit: 20, timeoutMs: 0 });
    expect(rate.snapshot().available).toBe(16);
    rate.change({ refreshPeriodMs: 1000, periodLimit: 3, timeoutMs: 0 });
    expect(rate.snapshot().available).toBe(0);
    rate.change({ refreshPeriodMs: 1000, periodLimit: 6, timeoutMs: 0 });
    expect(rate.snapshot().available).toBe(2);
  });
  it('lets those in who wait where the limit rises', async () => {
    const { rate, enter } = aRate({ timeoutMs: 1000 });
    const visitors = enter(4);
    rate.change({ refreshPeriodMs: 1000, periodLimit: 5, timeoutMs: 1000 });
    expect(await statesOf(visitors)).toEqual(['in', 'in', 'in', 'in']);
    expect(rate.snapshot().available).toBe(1);
  });
  it('refuses those whose turn would come too late now', async () => {
    const { clock, rate, enter } = aRate({ timeoutMs: 1000, periodLimit: 3 });
    const visitors = enter(6);
    rate.change({ refreshPeriodMs: 1000, periodLimit: 1, timeoutMs: 1000 });
    expect(await statesOf(visitors.slice(3))).toEqual(['waiting', 'refused', 'refused']);
    clock.advance(1000);
    expect(await statesOf(visitors.slice(3))).toEqual(['in', 'refused', 'refused']);
  });
  it('begins the new period where the cycle under way began', async () => {
    const { clock, rate, enter } = aRate();
    enter(2);
    clock.advance(600);
    rate.change({ refreshPeriodMs: 500, periodLimit: 2, timeoutMs: 0 });
    expect(await statesOf(enter(3))).toEqual(['in', 'in', 'refused']);
  });
});

describe('a global rate that is closed', () => {
  it('refuses those who wait, ends its timer, and lets nobody wait, however often it is closed', async () => {
    const { clock, rate, enter } = aRate({ timeoutMs: 1500 });
    const visitors = enter(4);
    rate.close();
    rate.close();
    expect(await statesOf([...visitors, ...enter(1)])).toEqual(['in', 'in', 'refused', 'refused', 'refused']);
    expect(clock.timerCount).toBe(0);
  });
});
