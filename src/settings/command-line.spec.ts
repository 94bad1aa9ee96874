import { describe, expect, it } from '@jest/globals';
import { readCommandLine } from './command-line.js';
import type { SettingFault } from './faults.js';

function read(...argv: string[]) {
  const faults: SettingFault[] = [];
  const { config, settings } = readCommandLine(argv, faults);
  return {
    config,
    pairs: settings.map(({ name, value }) => [name, value]),
    faults: faults.map(({ property }) => property),
  };
}

describe('the command line', () => {
  it('names a file and sets properties, with or without an equals sign', () => {
    expect(read('--config', 'a.yaml', '--set', 'a=1', '--set=b=x=y', '--set', 'c=')).toEqual({
      config: 'a.yaml',
      pairs: [
        ['a', '1'],
        ['b', 'x=y'],
        ['c', ''],
      ],
      faults: [],
    });
    expect(read('--config=a', '--config=b').config).toBe('b');
  });
  it('has a fault for each argument that it does not understand', () => {
    expect(read('--port=1', 'x', '--set', 'a', '--set', '=1', '--config=', '--set').faults).toEqual([
      ...['--port=1', 'x', '--set', '--set', '--config', '--set'],
    ]);
  });
});
