import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TestLimitClock } from '../../../../test/support/limit-clock.js';
import { breakerRulesOf } from './breaker-rules.js';
import { PathBreakers } from './path-breakers.js';

function aCache(maxBreakers?: number) {
  const clock = new TestLimitClock();
  const record = {
    minimumNumberOfCalls: 1,
    automaticTransitionFromOpenToHalfOpenEnabled: true,
    waitDurationInOpenState: 1000,
  };
  const rules = breakerRulesOf(record, '').rules!;
  const breakers = new PathBreakers({ rules, clock, ...(maxBreakers === undefined ? {} : { maxBreakers }) });
  const call = (count: number, prefix = '/new') => {
    for (let index = 0; index < count; index++) breakers.of(`${prefix}/${index}`);
  };
  const isKnown = (path: string) => breakers.all().some((breaker) => breaker.path === path);
  return { clock, breakers, call, isKnown };
}

describe('the breakers of the paths under a rule', () => {
  it('are one a path, the same each time', () => {
    const { breakers } = aCache();
    const breaker = breakers.of('/a');
    breaker.record(1, 'failure');
    expect(breakers.of('/a')).toBe(breaker);
    expect(breakers.of('/b').stateName).toBe('closed');
    expect(breakers.all().map(({ path }) => path)).toEqual(['/a', '/b']);
  });
  it('are bounded', () => {
    const { breakers, call } = aCache();
    call(5000);
    expect(breakers.all().length).toBeLessThanOrEqual(1000);
  });
  it('stay while they are called, however many others are', () => {
    const { breakers, call } = aCache(10);
    const breaker = breakers.of('/a');
    for (let round = 0; round < 20; round++) {
      call(3, `/${round}`);
      expect(breakers.of('/a')).toBe(breaker);
    }
  });
  it('are forgotten when they are closed and others are called', () => {
    const { breakers, call, isKnown } = aCache(10);
    breakers.of('/a');
    call(20);
    expect(isKnown('/a')).toBe(false);
  });
  it('stay while they hold calls back or are forced, though nobody calls them', () => {
    const { breakers, call, isKnown } = aCache(15);
    breakers.of('/open').record(1, 'failure');
    breakers.of('/forced').force('open');
    breakers.of('/disabled').force('closed');
    call(500);
    expect([isKnown('/open'), isKnown('/forced'), isKnown('/disabled')]).toEqual([true, true, true]);
  });
  it('stay longest where they are forced, and are bounded also where all are open', () => {
    const { breakers, isKnown } = aCache(10);
    breakers.of('/forced').force('open');
    for (let index = 0; index < 500; index++) breakers.of(`/open/${index}`).record(1, 'failure');
    expect(isKnown('/forced')).toBe(true);
    expect(breakers.all().length).toBeLessThanOrEqual(10);
  });
  it('are in full force as long as they are called, though others were forgotten meanwhile', () => {
    const { clock, breakers, call } = aCache(10);
    for (let round = 0; round < 20; round++) {
      call(3, `/${round}`);
      breakers.of('/a');
    }
    breakers.of('/a').record(1, 'failure');
    expect(clock.timerCount).toBe(1);
    clock.advance(1000);
    expect(breakers.of('/a').stateName).toBe('half_open');
  });
  it('leave no timer behind when they are forgotten', () => {
    const { clock, breakers } = aCache(10);
    for (let index = 0; index < 500; index++) breakers.of(`/open/${index}`).record(1, 'failure');
    expect(clock.timerCount).toBe(breakers.all().length);
  });
  it('start no timer after they were closed, however often', () => {
    const { clock, breakers } = aCache();
    breakers.of('/a').record(1, 'failure');
    breakers.close();
    breakers.close();
    breakers.of('/b').record(1, 'failure');
    expect([clock.timerCount, breakers.of('/b').stateName]).toEqual([0, 'open']);
  });
  it('are at most as many as said, each once, with the last called among them, whatever is called', () => {
    const step = fc.record({
      path: fc.integer({ min: 0, max: 30 }),
      act: fc.constantFrom('', 'fail', 'force', 'reset'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 5, max: 20 }), (steps, maxBreakers) => {
        const { breakers } = aCache(maxBreakers);
        const recent: string[] = [];
        for (const { path, act } of steps) {
          const breaker = breakers.of(`/${path}`);
          expect(breaker.path).toBe(`/${path}`);
          if (act === 'fail') breaker.record(1, 'failure');
          if (act === 'force') breaker.force('open');
          if (act === 'reset') breaker.reset();
          recent.push(breaker.path);
          const paths = breakers.all().map((each) => each.path);
          expect(paths.length).toBeLessThanOrEqual(maxBreakers);
          expect(new Set(paths).size).toBe(paths.length);
          const latest = [...new Set(recent.toReversed())].slice(0, Math.floor((maxBreakers * 2) / 5));
          expect(paths).toEqual(expect.arrayContaining(latest));
        }
      }),
    );
  });
});
