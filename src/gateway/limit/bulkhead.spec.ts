import { describe, expect, it } from '@jest/globals';
import { GateVisitor, told } from '../../../test/support/gate-visitor.js';
import { TestLimitClock } from '../../../test/support/limit-clock.js';
import { Bulkhead, MAX_WAITING, type BulkheadRules } from './bulkhead.js';

function aBulkhead(rules: Partial<BulkheadRules> = {}) {
  const clock = new TestLimitClock();
  const bulkhead = new Bulkhead({ maxConcurrentCalls: 2, maxWaitMs: 0, ...rules }, clock);
  const enter = (count: number) => Array.from({ length: count }, () => new GateVisitor().enter(bulkhead));
  return { clock, bulkhead, enter };
}

async function statesOf(visitors: readonly GateVisitor[]): Promise<readonly string[]> {
  await told();
  return visitors.map(({ state }) => state);
}

describe('a bulkhead of 2 places', () => {
  it('refuses the third at once, and nobody can say until when', async () => {
    const { enter } = aBulkhead();
    const visitors = enter(3);
    expect(await statesOf(visitors)).toEqual(['in', 'in', 'refused']);
    expect(visitors[2]?.retryAfterMs).toBeNull();
  });
  it('has a place again when one has left', async () => {
    const { bulkhead, enter } = aBulkhead();
    enter(2);
    bulkhead.leave();
    expect(await statesOf(enter(2))).toEqual(['in', 'refused']);
  });
  it('has no more places after one too many has left', () => {
    const { bulkhead, enter } = aBulkhead();
    bulkhead.leave();
    expect(bulkhead.snapshot().active).toBe(0);
    enter(3);
    expect(bulkhead.snapshot().active).toBe(2);
  });
});

describe('a bulkhead of 2 places that is waited for up to 100 ms', () => {
  const rules = { maxWaitMs: 100 };

  it('gives a place that comes free to who has waited longest, and nobody overtakes', async () => {
    const { bulkhead, enter } = aBulkhead(rules);
    const visitors = enter(4);
    bulkhead.leave();
    const latecomer = enter(1);
    expect(await statesOf([...visitors, ...latecomer])).toEqual(['in', 'in', 'in', 'waiting', 'waiting']);
    expect(bulkhead.snapshot()).toEqual({ active: 2, waiting: 2 });
    expect(visitors[2]?.listener).toBeNull();
  });
  it('refuses each when its own time is over', async () => {
    const { clock, enter } = aBulkhead(rules);
    enter(2);
    const [first] = enter(1);
    clock.advance(60);
    const [second] = enter(1);
    clock.advance(40);
    expect(await statesOf([first!, second!])).toEqual(['refused', 'waiting']);
    clock.advance(60);
    expect(await statesOf([first!, second!])).toEqual(['refused', 'refused']);
  });
  it('does not let in who has waited too long where the timer is late', async () => {
    const { clock, bulkhead, enter } = aBulkhead(rules);
    const [, , early] = enter(3);
    clock.stall(60);
    const [late] = enter(1);
    clock.stall(60);
    bulkhead.leave();
    expect(await statesOf([early!, late!])).toEqual(['refused', 'in']);
    expect(bulkhead.snapshot()).toEqual({ active: 2, waiting: 0 });
  });
  it('forgets who goes, wherever it stands', async () => {
    const { bulkhead, enter } = aBulkhead(rules);
    const [, , first, second, third] = enter(5);
    second?.go();
    second?.go();
    expect(bulkhead.snapshot()).toEqual({ active: 2, waiting: 2 });
    first?.go();
    bulkhead.leave();
    expect(await statesOf([first!, second!, third!])).toEqual(['gone', 'gone', 'in']);
  });
  it('refuses those who wait in time where the clock jumps back or stands still', async () => {
    const { clock, enter } = aBulkhead(rules);
    enter(2);
    clock.jump(-3_600_000);
    const visitors = enter(1);
    clock.freeze();
    clock.advance(100);
    expect(await statesOf(visitors)).toEqual(['refused']);
  });
  it('bounds how many wait', async () => {
    const { bulkhead, enter } = aBulkhead(rules);
    const visitors = enter(2 + MAX_WAITING + 1);
    expect(bulkhead.snapshot().waiting).toBe(10_000);
    expect(await statesOf(visitors.slice(-2))).toEqual(['waiting', 'refused']);
  });
  it('has one timer at most, and none when nobody waits any more', () => {
    const { clock, enter } = aBulkhead(rules);
    enter(4);
    expect(clock.timerCount).toBe(1);
    clock.advance(100);
    expect(clock.timerCount).toBe(0);
  });
});

describe('a change of a bulkhead', () => {
  it('lets those in who wait where there are more places', async () => {
    const { bulkhead, enter } = aBulkhead({ maxWaitMs: 100 });
    const visitors = enter(5);
    bulkhead.change({ maxConcurrentCalls: 4, maxWaitMs: 100 });
    expect(await statesOf(visitors)).toEqual(['in', 'in', 'in', 'in', 'waiting']);
  });
  it('lets nobody in until enough have left where there are fewer', async () => {
    const { bulkhead, enter } = aBulkhead({ maxConcurrentCalls: 3, maxWaitMs: 100 });
    const visitors = enter(4);
    bulkhead.change({ maxConcurrentCalls: 1, maxWaitMs: 100 });
    bulkhead.leave();
    bulkhead.leave();
    expect([await statesOf(visitors.slice(3)), bulkhead.snapshot().active]).toEqual([['waiting'], 1]);
    bulkhead.leave();
    expect([await statesOf(visitors.slice(3)), bulkhead.snapshot().active]).toEqual([['in'], 1]);
  });
  it('holds for who waits: a shorter wait ends sooner', async () => {
    const { clock, bulkhead, enter } = aBulkhead({ maxWaitMs: 1000 });
    const [, , visitor] = enter(3);
    clock.advance(50);
    bulkhead.change({ maxConcurrentCalls: 2, maxWaitMs: 100 });
    clock.advance(50);
    expect(await statesOf([visitor!])).toEqual(['refused']);
  });
});

describe('a bulkhead that is closed', () => {
  it('refuses those who wait, ends its timer, and lets nobody wait, however often it is closed', async () => {
    const { clock, bulkhead, enter } = aBulkhead({ maxWaitMs: 100 });
    const visitors = enter(3);
    bulkhead.close();
    bulkhead.close();
    expect(await statesOf([...visitors, ...enter(1)])).toEqual(['in', 'in', 'refused', 'refused']);
    expect(clock.timerCount).toBe(0);
  });
  it('is left by those who are in', () => {
    const { bulkhead, enter } = aBulkhead();
    enter(2);
    bulkhead.close();
    bulkhead.leave();
    expect(bulkhead.snapshot().active).toBe(1);
  });
});
