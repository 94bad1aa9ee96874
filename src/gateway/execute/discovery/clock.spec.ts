import { describe, expect, it } from '@jest/globals';
import { SYSTEM_CLOCK } from './clock.js';

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('the clock of the system', () => {
  it('runs what is due', async () => {
    const before = SYSTEM_CLOCK.now();
    await new Promise<void>((resolve) => {
      SYSTEM_CLOCK.after(5, resolve);
      // The process must have another reason to wait.
      const held = setTimeout(() => undefined, 5000);
      SYSTEM_CLOCK.after(6, () => clearTimeout(held));
    });
    expect(SYSTEM_CLOCK.now() - before).toBeGreaterThan(3);
  });
  it('runs nothing that was called off', async () => {
    const ran: string[] = [];
    SYSTEM_CLOCK.after(1, () => ran.push('first'))();
    await new Promise<void>((resolve) => void SYSTEM_CLOCK.after(2, resolve));
    expect(ran).toEqual([]);
  });
  it('holds no process up', () => {
    const before = timers();
    const cancel = SYSTEM_CLOCK.after(60_000, () => undefined);
    expect(timers()).toBe(before);
    cancel();
  });
});
