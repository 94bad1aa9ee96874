import { describe, expect, it } from '@jest/globals';
import { InstanceHealth } from './instance-health.js';

/** An instance whose answers failed five times in a row at that time, and that was taken out for it. */
function outForErrors(health: InstanceHealth, nowMs: number): void {
  health.takeOut('errors', nowMs);
}
const dueAfter = (health: InstanceHealth, nowMs: number, bounds: readonly number[]) =>
  bounds.find((afterMs) => health.isDue(nowMs + afterMs));

describe('an instance', () => {
  it('serves until it is taken out', () => {
    const health = new InstanceHealth();
    expect([health.serves, health.reason]).toEqual([true, null]);
    health.takeOut('unreachable', 0);
    expect([health.serves, health.reason]).toEqual([false, 'unreachable']);
  });
  it('is to go with the fifth error in a row', () => {
    const health = new InstanceHealth();
    expect([1, 2, 3, 4, 5].map(() => health.answered(false, 0))).toEqual([false, false, false, false, true]);
  });
  it('has its errors forgotten by one good answer', () => {
    const health = new InstanceHealth();
    for (let index = 0; index < 4; index++) health.answered(false, 0);
    health.answered(true, 0);
    expect([1, 2, 3, 4].map(() => health.answered(false, 0))).not.toContain(true);
  });
  it('is to go with the second failed check in a row', () => {
    const health = new InstanceHealth();
    expect([health.checked(false, 0), health.checked(true, 0)]).toEqual([false, false]);
    expect([health.checked(false, 0), health.checked(false, 0)]).toEqual([false, true]);
  });
  it('is taken out once: a late call that fails too does not begin its time anew', () => {
    const health = new InstanceHealth();
    expect(health.takeOut('unreachable', 0)).toBe(true);
    expect(health.takeOut('unreachable', 200)).toBe(false);
    expect(health.isDue(250)).toBe(true);
  });
});

describe('an instance that cannot be reached', () => {
  it('is looked at after 250 ms, and then after twice the time, 5 s at most', () => {
    const health = new InstanceHealth();
    health.takeOut('unreachable', 0);
    const waits = [];
    let now = 0;
    for (let look = 0; look < 7; look++) {
      const wait = dueAfter(health, now, [249, 250, 500, 1000, 2000, 4000, 5000])!;
      waits.push(wait);
      now += wait;
      health.checked(false, now);
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  });
  it('is back with the first look that finds it', () => {
    const health = new InstanceHealth();
    health.takeOut('unreachable', 0);
    health.checked(true, 250);
    expect([health.serves, health.reason]).toEqual([true, null]);
  });
  it('gets no call on trial for an answer that comes late', () => {
    const health = new InstanceHealth();
    health.takeOut('unreachable', 0);
    health.answered(true, 10);
    expect(health.serves).toBe(false);
  });
});

describe('an instance whose answers were errors', () => {
  it('is tried with one call after 5 s', () => {
    const health = new InstanceHealth();
    outForErrors(health, 0);
    expect([health.isDue(4999), health.isDue(5000)]).toEqual([false, true]);
    health.beginTrial();
    expect([health.serves, health.isDue(6000)]).toEqual([false, false]);
    health.answered(true, 5100);
    expect(health.serves).toBe(true);
  });
  it('stays out twice as long each time the trial fails, a minute at most', () => {
    const health = new InstanceHealth();
    let now = 0;
    outForErrors(health, now);
    const waits = [];
    for (let turn = 0; turn < 6; turn++) {
      const wait = dueAfter(health, now, [4999, 5000, 10_000, 20_000, 40_000, 60_000])!;
      waits.push(wait);
      now += wait;
      health.beginTrial();
      health.answered(false, now);
    }
    expect(waits).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });
  it('begins anew after it has served for more than a minute', () => {
    const health = new InstanceHealth();
    outForErrors(health, 0);
    health.beginTrial();
    health.answered(true, 5000);
    outForErrors(health, 20_000);
    expect(dueAfter(health, 20_000, [5000, 10_000])).toBe(10_000);
    health.beginTrial();
    health.answered(true, 30_000);
    outForErrors(health, 90_001);
    expect(dueAfter(health, 90_001, [5000, 10_000])).toBe(5000);
  });
  it('is tried by another call where the first was given up by its client', () => {
    const health = new InstanceHealth();
    outForErrors(health, 0);
    health.beginTrial();
    health.abandonTrial();
    expect([health.serves, health.isDue(5000)]).toEqual([false, true]);
  });
  it('that cannot be reached either is looked at like one that cannot', () => {
    const health = new InstanceHealth();
    outForErrors(health, 0);
    health.takeOut('unreachable', 100);
    expect([health.reason, health.isDue(350)]).toEqual(['unreachable', true]);
  });
});
