import { describe, expect, it } from '@jest/globals';
import { ExportHealth, reasonOf } from './export-health.js';

function aHealth() {
  const lines: string[] = [];
  const clock = { now: 0 };
  const log = { log: (level: string, message: string) => void lines.push(`${level} ${message}`) };
  const health = new ExportHealth('traces', log, () => clock.now);
  return { health, lines, clock };
}

describe('a collector that goes away', () => {
  it('is one warning, however often it is tried, and one line when it is back', () => {
    const { health, lines } = aHealth();
    for (let count = 0; count < 50; count++) health.failed('refused');
    expect([health.failures, health.isAway]).toEqual([50, true]);
    health.succeeded();
    health.succeeded();
    expect(health.isAway).toBe(false);
    expect(lines).toEqual([
      expect.stringMatching(/^warn telemetry: traces cannot be exported/),
      'info telemetry: traces are exported again',
    ]);
  });
  it('again and again is told of once a minute', () => {
    const { health, lines, clock } = aHealth();
    for (clock.now = 0; clock.now < 180_000; clock.now += 1000) {
      health.failed('refused');
      health.succeeded();
    }
    expect(lines).toHaveLength(6);
    expect(health.failures).toBe(180);
  });
  it('is nothing to tell of while it is there', () => {
    const { health, lines } = aHealth();
    health.succeeded();
    expect(lines).toEqual([]);
  });
});

describe('the reason of a failure', () => {
  it.each([
    [Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' }), 'connect refused (ECONNREFUSED)'],
    [Object.assign(new Error('Not Found'), { code: 404 }), 'Not Found (404)'],
    [new TypeError(''), 'TypeError'],
    ['text', 'unknown'],
    [undefined, 'unknown'],
  ])('%s is %s', (error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
  it('is no longer than a line, and has nothing of an answer’s body', () => {
    const error = Object.assign(new Error('x'.repeat(1000)), { data: 'secret' });
    expect(reasonOf(error)).toBe('x'.repeat(200));
  });
});
