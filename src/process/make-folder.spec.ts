import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from './make-folder.js';

describe('the folder of data', () => {
  it('is made with those above it, for this user alone, and may be there already', async () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-folder-'));
    const path = join(home, 'a/b/c');
    await makeFolder(path);
    await makeFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    rmSync(home, { recursive: true });
  });
  it('is refused where a file stands in the way', async () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-folder-'));
    writeFileSync(join(home, 'file'), '');
    await expect(makeFolder(join(home, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(home, 'file/below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    rmSync(home, { recursive: true });
  });
  it('is refused at once by a file system that takes no folders', async () => {
    await expect(makeFolder('/proc/sluice')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
