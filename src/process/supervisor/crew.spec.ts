import { describe, expect, it } from '@jest/globals';
import { Crew, HANG_MS, MUTE_MS, SILENT_MS, type Order } from './crew.js';
import { FIRST_DELAY_MS, LONG_RUN_MS, LONGEST_DELAY_MS, RestartDelay } from './restart-delay.js';

const fork = (slot: number, life = 0): Order => ({ do: 'fork', slot, life });

/** All workers serve since moment 0. */
function aReadyCrew(workers: number): Crew {
  const crew = new Crew(workers);
  crew.begin(0);
  for (let slot = 0; slot < workers; slot++) {
    crew.forked(slot, 100 + slot);
    crew.beat(slot, 0, 0);
    crew.ready(slot, 0);
  }
  crew.tick(0);
  return crew;
}
const lives = (crew: Crew) => crew.statuses(0).map(({ state }) => state);

describe('a start', () => {
  it('is of the first worker alone, and of the others once it is ready', () => {
    const crew = new Crew(3);
    expect(crew.begin(0)).toEqual([fork(0)]);
    expect(crew.tick(1000)).toEqual([]);
    expect(crew.ready(0, 2000)).toEqual([fork(1), fork(2)]);
    expect(crew.ready(1, 3000)).toEqual([]);
    expect([lives(crew), crew.readyCount]).toEqual([['ready', 'ready', 'starting'], 2]);
  });
  it('that fails before any worker was ready ends everything, with 1, and is not tried again', () => {
    const crew = new Crew(2);
    crew.begin(0);
    crew.forked(0, 100);
    const { end, orders } = crew.ended(0, null, 500);
    expect(orders).toEqual([{ do: 'leave', exitCode: 1 }]);
    expect(end).toMatchObject({ reason: 'exit', againInMs: null });
    expect([crew.tick(100_000), crew.restarts.exit]).toEqual([[], 0]);
  });
  it('that fails later is tried again: others serve', () => {
    const crew = new Crew(2);
    crew.begin(0);
    crew.ready(0, 1);
    crew.forked(0, 100);
    crew.forked(1, 101);
    expect(crew.ended(1, null, 100)).toMatchObject({ end: { againInMs: FIRST_DELAY_MS }, orders: [] });
  });
});

describe('a worker that ends unasked', () => {
  it('is started again at once in its slot where it ran 10 s', () => {
    const crew = aReadyCrew(2);
    const { end, orders } = crew.ended(1, 'SIGKILL', LONG_RUN_MS);
    expect([orders, end.againInMs]).toEqual([[fork(1, 1)], 0]);
    expect([crew.restarts.signal, crew.statuses(0)[1]!.restarts]).toEqual([1, 1]);
  });
  it('waits where it ran for less', () => {
    const crew = aReadyCrew(2);
    expect(crew.ended(1, null, 1000).orders).toEqual([]);
    expect(crew.tick(1000 + FIRST_DELAY_MS - 1)).toEqual([]);
    expect(crew.tick(1000 + FIRST_DELAY_MS)).toEqual([fork(1, 1)]);
    expect(crew.tick(1000 + FIRST_DELAY_MS + 250)).toEqual([]);
  });
  it('has lost what it reported last as under way', () => {
    const crew = aReadyCrew(2);
    crew.beat(0, 7, 100);
    crew.beat(0, 3, 350);
    expect(crew.ended(0, 'SIGKILL', 400).end.lost).toBe(3);
    expect(crew.lost).toBe(3);
  });
  it('is not there while it waits', () => {
    const crew = aReadyCrew(1);
    crew.ended(0, null, 1000);
    expect(crew.statuses(2000)).toEqual([
      { worker: 0, pid: null, state: 'waiting', restarts: 0, uptimeSeconds: 0, inFlight: 0 },
    ]);
  });
});

describe('the delay of restarts', () => {
  it('doubles to 30 s with each that ended early, and begins anew after a long run', () => {
    const delay = new RestartDelay();
    const delays = Array.from({ length: 9 }, () => delay.after(LONG_RUN_MS - 1));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, LONGEST_DELAY_MS, LONGEST_DELAY_MS, LONGEST_DELAY_MS]);
    expect([delay.after(LONG_RUN_MS), delay.after(0)]).toEqual([0, 500]);
  });
});

/** Looks every second, as the supervisor does several times in one. */
function ticked(crew: Crew, from: number, to: number): Order[] {
  const orders: Order[] = [];
  for (let now = from; now <= to; now += 1000) orders.push(...crew.tick(now));
  return orders;
}

describe('a worker that gives no sign for 6 s', () => {
  it('is silent, which is said once, and does not count as ready', () => {
    const crew = aReadyCrew(2);
    crew.beat(1, 0, 60_000);
    expect(ticked(crew, 1000, SILENT_MS)).toEqual([]);
    expect(lives(crew)).toEqual(['ready', 'ready']);
    expect(ticked(crew, SILENT_MS + 1, SILENT_MS + 5001)).toEqual([{ do: 'say', slot: 0, isSilent: true }]);
    expect([lives(crew), crew.readyCount]).toEqual([['silent', 'ready'], 1]);
  });
  it('is ready again with its next one', () => {
    const crew = aReadyCrew(1);
    ticked(crew, 1000, SILENT_MS + 1000);
    expect(crew.beat(0, 0, SILENT_MS + 1500)).toEqual([{ do: 'say', slot: 0, isSilent: false }]);
    expect([lives(crew), crew.readyCount]).toEqual([['ready'], 1]);
    expect(crew.beat(0, 0, SILENT_MS + 2000)).toEqual([]);
  });
  it('has a successor that is not', () => {
    const crew = aReadyCrew(1);
    ticked(crew, 1000, HANG_MS + 1000);
    crew.ended(0, 'SIGKILL', HANG_MS + 1500);
    expect(lives(crew)).toEqual(['starting']);
    crew.beat(0, 0, HANG_MS + 2000);
    crew.ready(0, HANG_MS + 2500);
    expect([lives(crew), crew.readyCount]).toEqual([['ready'], 1]);
  });
  it('is starting still, where it never was ready', () => {
    const crew = new Crew(1);
    crew.begin(0);
    crew.forked(0, 100);
    crew.beat(0, 0, 0);
    crew.tick(0);
    ticked(crew, 1000, SILENT_MS + 1000);
    expect(lives(crew)).toEqual(['starting']);
  });
});

describe('a worker that hangs', () => {
  it('is killed once after 20 s without a sign, and counts as hung', () => {
    const crew = aReadyCrew(2);
    crew.beat(1, 0, HANG_MS);
    const ticks = Array.from({ length: HANG_MS / 1000 }, (_, index) => crew.tick((index + 1) * 1000)).flat();
    expect(ticks.filter((order) => order.do === 'kill')).toEqual([]);
    expect([crew.tick(HANG_MS + 1), crew.tick(HANG_MS + 250)]).toEqual([[{ do: 'kill', slot: 0 }], []]);
    expect(crew.ended(0, 'SIGKILL', HANG_MS + 300).end.reason).toBe('hang');
    expect(crew.restarts).toEqual({ exit: 0, signal: 0, hang: 1 });
  });
  it('is not taken for one before its first sign, for a minute', () => {
    const crew = new Crew(1);
    crew.begin(0);
    crew.forked(0, 100);
    crew.tick(0);
    expect(ticked(crew, 1000, MUTE_MS)).toEqual([]);
    expect(ticked(crew, MUTE_MS + 1000, MUTE_MS + 5000)).toEqual([{ do: 'kill', slot: 0 }]);
    expect(crew.ended(0, 'SIGKILL', MUTE_MS + 6000).end.reason).toBe('hang');
  });
  it('has the minute anew where the supervisor itself stood still', () => {
    const crew = new Crew(1);
    crew.begin(0);
    crew.forked(0, 100);
    crew.tick(0);
    expect(crew.tick(MUTE_MS + 1000)).toEqual([]);
    expect(ticked(crew, MUTE_MS + 2000, 2 * MUTE_MS + 1000)).toEqual([]);
    expect(crew.tick(2 * MUTE_MS + 2000)).toEqual([{ do: 'kill', slot: 0 }]);
  });
  it('is not taken for one where the supervisor itself stood still', () => {
    const crew = aReadyCrew(2);
    expect(crew.tick(10 * HANG_MS)).toEqual([]);
    expect(crew.tick(10 * HANG_MS + 1000)).toEqual([]);
  });
});

describe('a stop', () => {
  it('has every worker drain, and is over with the last', () => {
    const crew = aReadyCrew(2);
    expect(crew.stop(5000, 0)).toEqual([
      { do: 'drain', slot: 0 },
      { do: 'drain', slot: 1 },
    ]);
    expect(crew.ended(0, null, 100)).toMatchObject({ end: { isUnexpected: false }, orders: [] });
    expect(crew.ended(1, 'SIGTERM', 200).orders).toEqual([{ do: 'leave', exitCode: 0 }]);
    expect([crew.restarts.exit, crew.restarts.signal, crew.lost]).toEqual([0, 0, 0]);
  });
  it('kills what is still there when its time is over, and ends with 1 then', () => {
    const crew = aReadyCrew(2);
    crew.stop(5000, 0);
    crew.ended(0, null, 100);
    for (let now = 250; now < 5000; now += 250) expect(crew.tick(now)).toEqual([]);
    expect([crew.tick(5000), crew.tick(5250)]).toEqual([[{ do: 'kill', slot: 1 }], []]);
    expect(crew.ended(1, 'SIGKILL', 5300).orders).toEqual([{ do: 'leave', exitCode: 1 }]);
  });
  it('ends with 1 where one had to be killed because it hung', () => {
    const crew = aReadyCrew(1);
    crew.stop(600_000, 0);
    ticked(crew, 1000, HANG_MS + 1000);
    expect(crew.ended(0, 'SIGKILL', HANG_MS + 1500).orders).toEqual([{ do: 'leave', exitCode: 1 }]);
  });
  it('ends with 0 where one hung before it', () => {
    const crew = aReadyCrew(1);
    ticked(crew, 1000, HANG_MS + 1000);
    crew.ended(0, 'SIGKILL', HANG_MS + 1500);
    crew.forked(0, 200);
    crew.stop(60_000, HANG_MS + 2000);
    expect(crew.ended(0, null, HANG_MS + 2500).orders).toEqual([{ do: 'leave', exitCode: 0 }]);
  });
  it('starts nobody any more', () => {
    const crew = aReadyCrew(2);
    crew.ended(1, null, 0);
    crew.stop(60_000, 100);
    expect(crew.tick(FIRST_DELAY_MS + 100)).toEqual([]);
    expect(crew.ended(0, null, 800).orders).toEqual([{ do: 'leave', exitCode: 0 }]);
  });
  it('is over at once where nobody is there', () => {
    const crew = aReadyCrew(1);
    crew.ended(0, null, 0);
    expect(crew.stop(5000, 100)).toEqual([{ do: 'leave', exitCode: 0 }]);
  });
  it('comes once', () => {
    const crew = aReadyCrew(1);
    crew.stop(5000, 0);
    expect(crew.stop(5000, 100)).toEqual([]);
  });
});
