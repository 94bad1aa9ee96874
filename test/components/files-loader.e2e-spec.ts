import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aSystem, WatchedFolder } from './folder.js';

let folder: WatchedFolder;
afterEach(() => folder.remove());

async function started(files: Readonly<Record<string, string>>, refreshMs?: number): Promise<WatchedFolder> {
  folder = new WatchedFolder(files);
  folder.start(refreshMs);
  await folder.until(() => true);
  return folder;
}
const nameIs = (id: string, name: string | undefined) => () => folder.name(id) === name;

describe('a folder of components', () => {
  it('is read at every depth, in YAML and JSON, one record or a list a file, several kinds at the top', async () => {
    await started({
      'systems/a.json': aSystem('a', 'A'),
      'systems/deep/er/b.yml': '- id: b\n  executor: rpc\n- id: c\n  executor: rpc\n',
      'channels/d.yaml': 'id: d\nsystem: a\n',
      'all.yaml': 'systems: [{id: e, executor: rpc}]\ntokens: [{id: f}]\nservices: [{id: g}]\n',
      'systems/.hidden.yaml': 'id: h\n',
      'systems/notes.txt': 'nothing',
      'other/x.yaml': 'id: x\n',
    });
    const { records } = folder.store.current()!;
    expect(
      [records.system, records.channel, records.token, records.service].map((map) => [...map.keys()].sort()),
    ).toEqual([['a', 'b', 'c', 'e'], ['d'], ['f'], ['g']]);
    expect(records.system.get('b')?.file).toBe(folder.at('systems/deep/er/b.yml'));
  });
  it('tells file, line and pointer of each fault', async () => {
    await started({
      'channels/a.yaml': '- id: a\n  data:\n    system: s\n    paths:\n      x:\n        isPublic: maybe\n',
    });
    expect(folder.store.current()?.findings).toMatchObject([
      {
        kind: 'channel',
        id: 'a',
        severity: 'fault',
        code: 17001,
        pointer: '/paths/x/isPublic',
        line: 6,
        file: folder.at('channels/a.yaml'),
      },
    ]);
  });
  it('that is empty is a complete load', async () => {
    folder = new WatchedFolder();
    mkdirSync(folder.path);
    folder.start();
    expect((await folder.until(() => true)).records.system.size).toBe(0);
  });
  it('that comes late is noticed by the interval', async () => {
    folder = new WatchedFolder();
    folder.start(100);
    await folder.refresh();
    expect([folder.store.current(), folder.faults()[0]]).toEqual([null, expect.stringContaining('is not there')]);
    folder.write('systems/a.json', aSystem('a', 'late'));
    await folder.until(nameIs('a', 'late'));
    expect(folder.faults()).toEqual([]);
  });
});

describe('a change in the folder', () => {
  it('comes into force by itself: a file written, added, in a new folder, removed', async () => {
    await started({ 'systems/a.json': aSystem('a', 'one') });
    folder.write('systems/a.json', aSystem('a', 'two'));
    await folder.until(nameIs('a', 'two'));
    folder.write('systems/new/deep/b.json', aSystem('b', 'new'));
    await folder.until(nameIs('b', 'new'));
    folder.write('systems/new/deep/b.json', aSystem('b', 'newer'));
    await folder.until(nameIs('b', 'newer'));
    unlinkSync(folder.at('systems/a.json'));
    await folder.until((set) => !set.records.system.has('a'));
  });
  it('is served within 50 ms of its write', async () => {
    await started({ 'systems/a.json': aSystem('a', 'start') });
    const waits: number[] = [];
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      const writtenAt = performance.now();
      folder.write('systems/a.json', aSystem('a', name));
      await folder.until(nameIs('a', name));
      waits.push(performance.now() - writtenAt);
    }
    // The median: a busy machine may hold up one of them.
    expect(waits.sort((a, b) => a - b)[2]).toBeLessThan(50);
  });
  it('by rename and replace, as editors do it, never takes the record away', async () => {
    await started({ 'systems/a.json': aSystem('a', 'one'), 'systems/b.json': aSystem('b', 'b') });
    const seen: (string | undefined)[] = [];
    folder.store.subscribe(async () => void seen.push(folder.name('a')));
    renameSync(folder.at('systems/a.json'), folder.at('systems/a.json~'));
    folder.write('systems/b.json', aSystem('b', 'looked'));
    await folder.until(nameIs('b', 'looked'));
    folder.write('systems/.a.json.swp', aSystem('a', 'two'));
    renameSync(folder.at('systems/.a.json.swp'), folder.at('systems/a.json'));
    await folder.until(nameIs('a', 'two'));
    expect(seen).not.toContain(undefined);
  });
  it('by renaming a file keeps the component but for its file, and is no duplicate', async () => {
    await started({ 'systems/a.json': aSystem('a', 'one') });
    renameSync(folder.at('systems/a.json'), folder.at('systems/z.json'));
    const set = await folder.until(({ records }) => records.system.get('a')?.file === folder.at('systems/z.json'));
    expect([set.revision, set.findings]).toEqual([2, []]);
  });
  it('by swapping the links of a Kubernetes volume comes into force', async () => {
    const volume = mkdtempSync(join(tmpdir(), 'sluice-volume-'));
    folder = new WatchedFolder();
    const systems = folder.at('systems');
    mkdirSync(systems, { recursive: true });
    for (const name of ['one', 'two']) {
      mkdirSync(join(systems, `..${name}`));
      writeFileSync(join(systems, `..${name}`, 'a.yaml'), `id: a\nexecutor: rpc\nname: ${name}\n`);
    }
    symlinkSync('..one', join(systems, '..data'));
    symlinkSync('..data/a.yaml', join(systems, 'a.yaml'));
    folder.start();
    await folder.until(nameIs('a', 'one'));
    symlinkSync('..two', join(systems, '..next'));
    renameSync(join(systems, '..next'), join(systems, '..data'));
    await folder.until(nameIs('a', 'two'));
    rmSync(volume, { recursive: true });
  });
  it('leaves every other component the same object', async () => {
    await started({
      'systems/a.json': aSystem('a', 'one'),
      'systems/b.json': `[${aSystem('b', 'b')},${aSystem('c', 'c')}]`,
    });
    const before = folder.store.current()!.records.system;
    folder.write('systems/b.json', `[${aSystem('b', 'b')},${aSystem('c', 'C')}]`);
    const after = (await folder.until(nameIs('c', 'C'))).records.system;
    expect(['a', 'b', 'c'].map((id) => after.get(id) === before.get(id))).toEqual([true, true, false]);
  });
});

describe('what cannot be used', () => {
  it('in one record leaves its last good version and the others in force', async () => {
    await started({ 'systems/a.json': `[${aSystem('a', 'one')},${aSystem('b', 'b')}]` });
    folder.write('systems/a.json', `[{"id":"a","data":{"name":"two"}},${aSystem('b', 'B')}]`);
    await folder.until(nameIs('b', 'B'));
    expect([folder.name('a'), folder.faults().length]).toEqual(['one', 1]);
    folder.write('systems/a.json', `[${aSystem('a', 'three')},${aSystem('b', 'B')}]`);
    await folder.until(nameIs('a', 'three'));
    expect(folder.faults()).toEqual([]);
  });
  it('in a whole file leaves what it held in force, and heals', async () => {
    await started({ 'systems/a.json': `[${aSystem('a', 'one')},${aSystem('b', 'b')}]` });
    folder.write('systems/a.json', '[{"id":"a", "data": {"token": hidden}}');
    const set = await folder.until(({ findings }) => findings.length > 0);
    expect(set.findings.map(({ id, line, file }) => [id, line, file])).toEqual(
      ['a', 'b'].map((id) => [id, 1, folder.at('systems/a.json')]),
    );
    expect([folder.name('a'), JSON.stringify(set.findings).includes('hidden')]).toEqual(['one', false]);
    folder.write('systems/a.json', aSystem('a', 'two'));
    await folder.until(nameIs('a', 'two'));
    expect([folder.faults(), folder.name('b')]).toEqual([[], undefined]);
  });
  it('at the first load is a fault that names the file', async () => {
    await started({ 'channels/bad.yaml': 'a: [', 'systems/a.json': aSystem('a', 'one') });
    expect(folder.faults()).toEqual([expect.stringMatching(/^channel : .*bad\.yaml is not valid YAML at line 1/)]);
    expect(folder.name('a')).toBe('one');
  });
  it('with one id in two files counts in neither, until one is gone', async () => {
    await started({ 'systems/a.json': aSystem('a', 'one'), 'systems/b.json': aSystem('a', 'two') });
    expect(folder.faults()).toHaveLength(2);
    expect(folder.faults()[0]).toMatch(/a\.json and .*b\.json/);
    unlinkSync(folder.at('systems/a.json'));
    await folder.until(nameIs('a', 'two'));
    expect(folder.faults()).toEqual([]);
  });
  it('because the folder is gone leaves everything in force, and heals when it is back', async () => {
    await started({ 'systems/a.json': aSystem('a', 'one') }, 100);
    const [good, revision] = [folder.store.current()?.records.system.get('a'), folder.store.current()!.revision];
    renameSync(folder.path, `${folder.path}-away`);
    const set = await folder.until(({ findings }) => findings.length > 0);
    expect([set.records.system.get('a') === good, set.findings[0]?.message]).toEqual([
      true,
      expect.stringContaining('is not there'),
    ]);
    renameSync(`${folder.path}-away`, folder.path);
    await folder.until((next) => next.revision > revision && next.findings.length === 0);
    folder.write('systems/a.json', aSystem('a', 'two'));
    await folder.until(nameIs('a', 'two'));
  });
  it('because every record is gone leaves everything in force', async () => {
    await started({ 'systems/a.json': aSystem('a', 'one') });
    unlinkSync(folder.at('systems/a.json'));
    const set = await folder.until(({ findings }) => findings.length > 0);
    expect([set.records.system.has('a'), set.findings[0]?.message]).toEqual([
      true,
      expect.stringContaining('holds no record'),
    ]);
    folder.write('systems/b.json', aSystem('b', 'b'));
    const next = await folder.until(({ records }) => records.system.has('b'));
    expect([next.records.system.has('a'), next.findings]).toEqual([false, []]);
  });
  it('because every record is gone is believed at once where that is accepted', async () => {
    await started({ 'systems/a.json': aSystem('a', 'one') });
    unlinkSync(folder.at('systems/a.json'));
    await folder.refresh({ acceptEmpty: true });
    expect([folder.store.current()?.records.system.size, folder.faults()]).toEqual([0, []]);
  });
  it('because it is larger than any record file is not read', async () => {
    folder = new WatchedFolder({ 'systems/a.json': aSystem('a', 'one') });
    const { openSync, ftruncateSync, closeSync } = await import('node:fs');
    const file = openSync(folder.at('systems/huge.json'), 'w');
    ftruncateSync(file, 64 * 1024 * 1024 + 1);
    closeSync(file);
    folder.start();
    await folder.until(() => true);
    expect(folder.faults()).toEqual([expect.stringContaining('is larger than 64 MiB')]);
  });
});
