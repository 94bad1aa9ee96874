import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { aComponent, aSet } from '../../../test/support/some-components.js';
import { AesSecretBox } from '../../secrets/aes-secret-box.js';
import { readSnapshot } from './snapshot-file.js';
import { SnapshotKeeper } from './snapshot-keeper.js';

const box = new AesSecretBox([Buffer.alloc(32, 1)]);
let home: string;
let keeper: SnapshotKeeper;
let path: string;
let logged: string[];

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  home = mkdtempSync(join(tmpdir(), 'sluice-keeper-'));
  path = join(home, 'folder/snapshot.json');
  logged = [];
  keeper = new SnapshotKeeper({ path, gatewayId: 'g', box, log: (level, text) => logged.push(`${level} ${text}`) });
});
afterEach(async () => {
  await keeper.stop();
  jest.useRealTimers();
  rmSync(home, { recursive: true });
});

const of = (...versions: string[]) =>
  aSet(versions.map((version, index) => aComponent('system', `s${index}`, { executor: 'rpc' }, { version })));
const writes = () => logged.filter((line) => line.startsWith('debug')).length;
const warnings = () => logged.filter((line) => line.startsWith('warn'));
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((turn) => setImmediate(turn));
}
async function onDisk(): Promise<string[] | string> {
  const reading = await readSnapshot(path, { gatewayId: 'g', box });
  return reading.state === 'read' ? reading.components.map(({ version }) => version) : reading.state;
}

describe('the keeper of the snapshot', () => {
  it('writes the first set at once, and tells when', async () => {
    expect(keeper.lastSavedAt).toBeNull();
    keeper.keep(of('1'));
    await until(() => writes() === 1);
    expect(await onDisk()).toEqual(['1']);
    expect(keeper.lastSavedAt).toEqual(new Date());
  });
  it('writes only the newest of what comes within 5 s of a write, when they are over', async () => {
    keeper.keep(of('1'));
    keeper.keep(of('2'));
    await until(() => writes() === 1);
    for (const version of ['3', '4', '5']) keeper.keep(of(version));
    jest.advanceTimersByTime(4_999);
    expect([writes(), await onDisk()]).toEqual([1, ['1']]);
    jest.advanceTimersByTime(1);
    await until(() => writes() === 2);
    expect(await onDisk()).toEqual(['5']);
    jest.advanceTimersByTime(5_000);
    keeper.keep(of('6'));
    await until(() => writes() === 3);
    expect(await onDisk()).toEqual(['6']);
  });
  it('does not write again what is on disk', async () => {
    keeper.keep(of('1', '1'));
    await keeper.flush();
    const { ino } = statSync(path);
    keeper.keep(of('1', '1'));
    await keeper.flush();
    expect(statSync(path).ino).toBe(ino);
    keeper.keep(of('1', '2'));
    await keeper.flush();
    keeper.keep(of('1'));
    await keeper.flush();
    expect([writes(), await onDisk()]).toEqual([3, ['1']]);
  });
  it('finishes what is under way and writes what is due when it stops, and nothing after', async () => {
    keeper.keep(of('1'));
    keeper.keep(of('2'));
    await keeper.stop();
    expect(await onDisk()).toEqual(['2']);
    keeper.keep(of('3'));
    jest.advanceTimersByTime(100_000);
    await keeper.flush();
    expect(await onDisk()).toEqual(['2']);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a snapshot that cannot be written', () => {
  const inTheWay = () => join(home, 'folder');
  beforeEach(async () => {
    writeFileSync(inTheWay(), '');
    keeper.keep(of('1'));
    await until(() => keeper.problem !== null);
  });

  it('is told once while it lasts, with what to do', async () => {
    const problem =
      `The snapshot of components ${path} cannot be written (EEXIST): set config.snapshot.path to a place below a folder; ` +
      'a file stands in its way. Without it, a restart while the source of components is away has an older snapshot or none.';
    expect(keeper.problem).toBe(problem);
    keeper.keep(of('2'));
    await keeper.flush();
    expect(warnings()).toEqual([`warn ${problem}`]);
    expect(keeper.lastSavedAt).toBeNull();
  });
  it('is tried again after 60 s, and says that it has healed', async () => {
    rmSync(inTheWay());
    jest.advanceTimersByTime(59_999);
    expect(writes()).toBe(0);
    jest.advanceTimersByTime(1);
    await until(() => keeper.problem === null);
    expect(await onDisk()).toEqual(['1']);
    expect(logged.at(-1)).toBe('info The snapshot of components is up to date again.');
  });
  it('is tried again with the next set', async () => {
    rmSync(inTheWay());
    keeper.keep(of('2'));
    jest.advanceTimersByTime(5_000);
    await until(() => keeper.problem === null);
    expect(await onDisk()).toEqual(['2']);
  });
  it('leaves no timer after stop', async () => {
    await keeper.stop();
    expect(jest.getTimerCount()).toBe(0);
    expect(keeper.problem).not.toBeNull();
  });
});

describe('two processes with one path', () => {
  let other: ChildProcess;
  afterEach(() => void other.kill('SIGKILL'));

  /** Another process that lives, and holds the path as a keeper does. */
  function heldByAnother(): void {
    other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    mkdirSync(dirname(path), { recursive: true });
    const startedAt = readFileSync(`/proc/${other.pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[19];
    writeFileSync(`${path}.lock`, JSON.stringify({ pid: other.pid, host: hostname(), startedAt }));
  }

  it('the second is told who keeps it, once, and leaves it alone; it takes over once that has ended', async () => {
    heldByAnother();
    keeper.keep(of('1'));
    await keeper.flush();
    keeper.keep(of('2'));
    await keeper.flush();
    expect([await onDisk(), warnings()]).toEqual([
      'none',
      [
        expect.stringMatching(
          new RegExp(`^warn .* is kept by process ${other.pid} on .* a data\\.folder, or a config`),
        ),
      ],
    ]);
    other.kill('SIGKILL');
    await once(other, 'exit');
    await keeper.flush();
    expect([await onDisk(), keeper.problem]).toEqual([['2'], null]);
  });
  it('nothing is left of the hold at the end', async () => {
    keeper.keep(of('1'));
    await keeper.stop();
    other = spawn('true');
    expect(readdirSync(dirname(path))).toEqual(['snapshot.json']);
  });
});
