import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '../../dist/cli/sluice.js');

describe('standard output', () => {
  it('on a full disk ends a command with 1 and one line, without a stack trace', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'settings'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    closeSync(full);
    expect([status, stderr]).toEqual([1, 'Standard output cannot be written: there is no space left (ENOSPC).\n']);
  });
});
