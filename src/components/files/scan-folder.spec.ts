import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scanFolder } from './scan-folder.js';

const home = mkdtempSync(join(tmpdir(), 'sluice-scan-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('a components folder', () => {
  it('with a link to a folder above is looked at once, and other links are followed', async () => {
    mkdirSync(join(home, 'systems/more'), { recursive: true });
    mkdirSync(join(home, 'elsewhere'));
    writeFileSync(join(home, 'systems/a.json'), '{}');
    writeFileSync(join(home, 'elsewhere/b.json'), '{}');
    symlinkSync('..', join(home, 'systems/more/round'));
    symlinkSync('../elsewhere', join(home, 'systems/linked'));
    const { files } = await scanFolder(home);
    expect([...files.keys()]).toEqual([join(home, 'systems/a.json'), join(home, 'systems/linked/b.json')]);
  });
});
