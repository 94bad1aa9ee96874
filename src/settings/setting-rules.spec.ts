import { describe, expect, it } from '@jest/globals';
import { availableParallelism } from 'node:os';
import { SettingsRejected } from './faults.js';
import { readSettings } from './read-settings.js';

const read = (...pairs: string[]) =>
  readSettings({ argv: pairs.flatMap((pair) => ['--set', pair]), env: {}, cwd: '/nonexistent' });

function faultsOf(...pairs: string[]): string[] {
  try {
    read(...pairs);
  } catch (error) {
    if (error instanceof SettingsRejected)
      return error.faults.map(({ property, value, problem }) => `${property} = ${value}: ${problem}`);
    throw error;
  }
  return [];
}
const DATABASE = 'database.url=postgres://db/sluice';

describe('server.workers', () => {
  it('above 1 needs database.url', () => {
    expect(faultsOf('server.workers=2')).toEqual([
      'server.workers = "2": comes to 2 processes, which share one Postgres: set database.url too, or server.workers to 1',
    ]);
    expect(faultsOf('server.workers=2', 'database.url=')).toHaveLength(1);
    expect(read('server.workers=2', DATABASE).settings.server.workers).toBe(2);
  });
  it('of 1 needs none', () => {
    expect(read('server.workers=1').settings.server.workers).toBe(1);
  });
  it('auto is as many as there are cores, and needs database.url where those are several', () => {
    expect(read('server.workers=auto', DATABASE).settings.server.workers).toBe(Math.min(64, availableParallelism()));
    expect(faultsOf('server.workers=AUTO')).toHaveLength(availableParallelism() > 1 ? 1 : 0);
  });
  it.each(['0', '65', '-1', '1.5', 'many', ''])('cannot be %p', (value) => {
    expect(faultsOf(`server.workers=${value}`, DATABASE)).toEqual([
      `server.workers = ${JSON.stringify(value)}: expected a whole number from 1 to 64, or auto`,
    ]);
  });
});

describe('redis.url', () => {
  it('is masked, and has the form of Redis', () => {
    const { entries } = read('redis.url=rediss://u:hush@cache:6380/1');
    expect(JSON.stringify(entries)).not.toContain('hush');
    expect(faultsOf('redis.url=http://cache')).toEqual([expect.stringContaining('redis.url')]);
  });
});
