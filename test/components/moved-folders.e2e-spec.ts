import { afterEach, describe, expect, it } from '@jest/globals';
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { aSystem, WatchedFolder } from './folder.js';

// No interval here: whatever comes into force was noticed.
let folder: WatchedFolder;
afterEach(() => folder.remove());

async function started(files: Readonly<Record<string, string>>): Promise<void> {
  folder = new WatchedFolder(files);
  folder.start();
  await folder.until(() => true);
}
const nameIs = (name: string) => () => folder.name('a') === name;
const beside = (name: string): string => join(dirname(folder.path), name);

/** A folder beside the one of the components, which holds one system. */
function aFolder(name: string): string {
  mkdirSync(join(beside(name), 'systems'), { recursive: true });
  writeFileSync(join(beside(name), 'systems', 'a.json'), aSystem('a', name));
  return beside(name);
}

describe('a components folder', () => {
  it('that is moved away is told, and noticed when it is back', async () => {
    await started({ 'systems/a.json': aSystem('a', 'one') });
    renameSync(folder.path, beside('away'));
    await folder.until(({ findings }) => findings.length > 0);
    writeFileSync(join(beside('away'), 'systems', 'a.json'), aSystem('a', 'two'));
    renameSync(beside('away'), folder.path);
    await folder.until(nameIs('two'));
    folder.write('systems/a.json', aSystem('a', 'three'));
    await folder.until(nameIs('three'));
    expect(folder.faults()).toEqual([]);
  });
  it('that is replaced by another is read anew', async () => {
    await started({ 'systems/a.json': aSystem('a', 'one') });
    aFolder('two');
    renameSync(folder.path, beside('away'));
    renameSync(beside('two'), folder.path);
    await folder.until(nameIs('two'));
  });
  it('that is a link is read anew when the link is switched', async () => {
    folder = new WatchedFolder();
    symlinkSync(aFolder('one'), folder.path);
    folder.start();
    await folder.until(nameIs('one'));
    symlinkSync(aFolder('two'), beside('next'));
    renameSync(beside('next'), folder.path);
    await folder.until(nameIs('two'));
  });
  it('that lies behind a link on its way is read anew when that is switched', async () => {
    folder = new WatchedFolder();
    for (const name of ['one', 'two']) {
      mkdirSync(beside(`..${name}`));
      renameSync(aFolder(name), join(beside(`..${name}`), 'components'));
    }
    symlinkSync('..one', beside('..data'));
    symlinkSync('..data/components', folder.path);
    folder.start();
    await folder.until(nameIs('one'));
    symlinkSync('..two', beside('..data_tmp'));
    renameSync(beside('..data_tmp'), beside('..data'));
    rmSync(beside('..one'), { recursive: true });
    await folder.until(nameIs('two'));
  });
  it('that comes late, with the folders above it, is noticed', async () => {
    folder = new WatchedFolder();
    rmSync(dirname(folder.path), { recursive: true });
    folder.start();
    await folder.refresh();
    expect(folder.faults()[0]).toContain('is not there');
    folder.write('systems/a.json', aSystem('a', 'late'));
    await folder.until(nameIs('late'));
  });
});

describe('a Kubernetes volume', () => {
  /** As kubelet writes it: folders by time, one link to the one in force, links to what is in that. */
  function version(name: string): void {
    mkdirSync(folder.at(`..${name}/systems`), { recursive: true });
    writeFileSync(folder.at(`..${name}/systems/a.yaml`), `id: a\nexecutor: rpc\nname: ${name}\n`);
    writeFileSync(folder.at(`..${name}/all.yaml`), `systems:\n  - {id: b, executor: rpc, name: ${name}}\n`);
  }
  it('comes into force as a whole when its link is switched, again and again', async () => {
    folder = new WatchedFolder();
    version('2026_01');
    symlinkSync('..2026_01', folder.at('..data'));
    symlinkSync('..data/systems', folder.at('systems'));
    symlinkSync('..data/all.yaml', folder.at('all.yaml'));
    folder.start();
    await folder.until(nameIs('2026_01'));
    for (const [before, next] of [
      ['2026_01', '2026_02'],
      ['2026_02', '2026_03'],
    ] as const) {
      version(next);
      symlinkSync(`..${next}`, folder.at('..data_tmp'));
      renameSync(folder.at('..data_tmp'), folder.at('..data'));
      rmSync(folder.at(`..${before}`), { recursive: true });
      await folder.until(() => folder.name('a') === next && folder.name('b') === next);
    }
    expect(folder.faults()).toEqual([]);
  });
});

describe('an editor', () => {
  const LONG = (name: string): string => `- {id: a, executor: rpc, name: ${name}}\n- {id: z, executor: rpc}\n`;
  const FILE = 'systems/a.yaml';
  const saves: Readonly<Record<string, (text: string) => void>> = {
    'moves a backup away and writes anew (vim)': (text) => {
      folder.write('systems/4913', '');
      unlinkSync(folder.at('systems/4913'));
      renameSync(folder.at(FILE), folder.at(`${FILE}~`));
      folder.write(FILE, text);
      unlinkSync(folder.at(`${FILE}~`));
    },
    'locks with a link to nothing (emacs)': (text) => {
      symlinkSync('user@host.1', folder.at('systems/.#a.yaml'));
      folder.write(FILE, text);
      unlinkSync(folder.at('systems/.#a.yaml'));
    },
    'writes aside and moves over (IntelliJ)': (text) => {
      folder.write(`${FILE}___jb_tmp___`, text);
      renameSync(folder.at(FILE), folder.at(`${FILE}___jb_old___`));
      renameSync(folder.at(`${FILE}___jb_tmp___`), folder.at(FILE));
      unlinkSync(folder.at(`${FILE}___jb_old___`));
    },
    'writes aside and moves over (sed -i)': (text) => {
      folder.write('systems/sedA1B2c3', text);
      renameSync(folder.at('systems/sedA1B2c3'), folder.at(FILE));
    },
    'deletes and creates': (text) => {
      unlinkSync(folder.at(FILE));
      folder.write(FILE, text);
    },
  };
  it.each(Object.keys(saves))('that %s changes the record, and never takes it away', async (way) => {
    await started({ [FILE]: LONG('one') });
    const seen: (string | undefined)[] = [];
    folder.store.subscribe(async ({ findings }) => void seen.push(folder.name('a'), findings[0]?.message ?? 'good'));
    saves[way]!(LONG('two'));
    await folder.until(nameIs('two'));
    expect(seen).toEqual(['one', 'good', 'two', 'good']);
  });
  it.each([
    ['unusable', '[{"id": "a", '],
    ['shorter', '[]'],
  ])('that writes in place in steps shows nothing of the first, which is %s', async (_, half) => {
    await started({ 'systems/a.json': aSystem('a', 'one'), 'systems/b.json': aSystem('b', 'one') });
    const faults: number[] = [];
    folder.store.subscribe(async ({ findings, records }) => void faults.push(findings.length, records.system.size));
    truncateSync(folder.at('systems/a.json'));
    writeFileSync(folder.at('systems/a.json'), half);
    // What comes after it in the same burst has been looked at.
    folder.write('systems/b.json', aSystem('b', 'two'));
    await folder.until(() => folder.name('b') === 'two');
    expect(folder.name('a')).toBe('one');
    truncateSync(folder.at('systems/a.json'));
    appendFileSync(folder.at('systems/a.json'), aSystem('a', 'two'));
    await folder.until(nameIs('two'));
    expect(faults).toEqual([0, 2, 0, 2, 0, 2]);
  });
});
