import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventLoopWatch } from './event-loop.js';

/** The clock and the timers are apart here: an event loop that hangs has time go by without a timer. */
let now = 0;
let watch: EventLoopWatch;
beforeEach(() => {
  now = 1000;
  jest.useFakeTimers({ doNotFake: ['performance'] });
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  watch = new EventLoopWatch();
});
afterEach(() => {
  watch.close();
  jest.restoreAllMocks();
  jest.useRealTimers();
});
/** The next look comes, so many ms after the last one. */
function lookAfter(ms: number): void {
  now += ms;
  jest.advanceTimersByTime(500);
}

describe('the lag of the event loop', () => {
  it('is nothing while looks come every 500 ms', () => {
    lookAfter(500);
    lookAfter(500);
    expect(watch.lagMs()).toBe(0);
  });
  it('is how late the last look was', () => {
    lookAfter(800);
    expect(watch.lagMs()).toBe(300);
  });
  it('is over with the next look in time', () => {
    lookAfter(800);
    lookAfter(500);
    expect(watch.lagMs()).toBe(0);
  });
  it('grows while no look comes at all', () => {
    lookAfter(500);
    now += 12_000;
    expect(watch.lagMs()).toBe(11_500);
  });
  it('is nothing where a look comes early', () => {
    lookAfter(100);
    expect(watch.lagMs()).toBe(0);
  });
});

describe('a watch that is closed', () => {
  it('leaves no timer behind', () => {
    expect(jest.getTimerCount()).toBe(1);
    watch.close();
    expect(jest.getTimerCount()).toBe(0);
  });
});
