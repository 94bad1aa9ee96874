import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeControl, FakeEdits } from '../../test/support/control-fakes.js';
import { findingOf } from '../components/check/record-check.js';
import { ControlServer } from '../control-socket/control-server.js';
import { FolderLock } from '../storage/embedded/folder-lock.js';
import { editsOfHolder } from './open-edits.js';
import { run } from './sluice.js';

let cwd: string;
let data: string;
let control: FakeControl;
let edits: FakeEdits;
let gateway: ControlServer | null;
let lock: FolderLock | null;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sluice-commands-'));
  data = join(cwd, 'data');
  mkdirSync(data, { mode: 0o700 });
  [control, edits, gateway, lock] = [new FakeControl(), new FakeEdits(), null, null];
});
afterEach(async () => {
  await gateway?.close();
  lock?.release();
  rmSync(cwd, { recursive: true, force: true });
});

async function startGateway(): Promise<void> {
  gateway = new ControlServer({ folder: data, control, edits, log: () => undefined });
  await gateway.open();
}

async function sluice(...argv: string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const terminal = { env: {}, cwd, out: (line: string) => out.push(line), error: (line: string) => errors.push(line) };
  const code = await run(argv, { ...terminal, exitCode: 0 });
  return { code, out: out.join('\n'), errors: errors.join('\n') };
}

describe('sluice refresh', () => {
  it('prints what is in force then, and ends with 0', async () => {
    await startGateway();
    const out = 'revision 7: 2 systems, 1 channel, 0 services, 0 tokens; 0 faults, 0 warnings';
    expect(await sluice('refresh')).toEqual({ code: 0, out, errors: '' });
    expect(control.refreshes).toEqual([{ acceptEmpty: false }]);
  });
  it('--accept-empty is passed on', async () => {
    await startGateway();
    await sluice('refresh', '--accept-empty');
    expect(control.refreshes).toEqual([{ acceptEmpty: true }]);
  });
  it('lists faults of records, which are no failure of the load', async () => {
    await startGateway();
    const file = join(cwd, 'c/channels/a.yaml');
    control.outcome = {
      ...control.outcome,
      findings: [findingOf('channel', 'a', 'fault', { pointer: '/target', message: 'Wrong.', file, line: 3 })],
    };
    const { code, out } = await sluice('refresh');
    expect([code, out.split('\n')[0]]).toEqual([0, 'c/channels/a.yaml:3 /target fault channel a: Wrong.']);
    const json = JSON.parse((await sluice('refresh', '--json')).out) as unknown;
    expect(json).toMatchObject({ revision: 7, findings: [{ file: 'c/channels/a.yaml', line: 3 }] });
  });
  it('ends with 1 where the load failed', async () => {
    await startGateway();
    control.outcome = { ...control.outcome, findings: [findingOf('system', '*', 'fault', { message: 'Away.' })] };
    const { code, out } = await sluice('refresh');
    expect([code, out.split('\n')[0]]).toEqual([1, '- / fault system *: Away.']);
  });
  it('ends with 1 and says so where no gateway runs with this data.folder', async () => {
    const { code, out, errors } = await sluice('refresh');
    expect([code, out]).toEqual([1, '']);
    expect(errors).toBe(
      `No gateway runs with the data.folder ${data}. Start one, or give the settings that yours has (--config, --set).`,
    );
  });
  it('finds the gateway by data.folder', async () => {
    await startGateway();
    expect((await sluice('refresh', '--set', 'data.folder=elsewhere')).code).toBe(1);
    expect((await sluice('refresh', '--set', `data.folder=${data}`)).code).toBe(0);
  });
});

describe('sluice show', () => {
  beforeEach(async () => {
    await startGateway();
    const rest = { version: '1', active: true, findings: [] };
    control.shown = [{ component: 'channel', id: 'a b', data: { target: '/x' }, ...rest }];
  });
  it('prints one as YAML, or as JSON', async () => {
    const { code, out } = await sluice('show', 'channel', 'a b');
    expect(code).toBe(0);
    expect(out).toBe('component: channel\nid: a b\ndata:\n  target: /x\nversion: "1"\nactive: true\nfindings: []');
    expect(JSON.parse((await sluice('show', 'channel', 'a b', '--json')).out)).toEqual(control.shown[0]);
  });
  it('prints all of a kind as a list', async () => {
    expect(JSON.parse((await sluice('show', 'channels', '--json')).out)).toEqual(control.shown);
    expect(JSON.parse((await sluice('show', 'system', '--json')).out)).toEqual([]);
  });
  it('ends with 1 where there is no such component, and with 2 where there is no such kind', async () => {
    expect(await sluice('show', 'channel', 'x')).toEqual({ code: 1, out: '', errors: 'There is no channel x.' });
    const { code, errors } = await sluice('show', 'chanel');
    expect([code, errors]).toEqual([2, expect.stringContaining('there are: system, channel, service, token')]);
  });
});

describe('the embedded database', () => {
  it('is reached over the socket of the process that holds its folder', async () => {
    lock = FolderLock.take(join(data, 'postgres'));
    await startGateway();
    edits.dumped = { ...edits.dumped, systems: [{ id: 'a', data: { executor: 'rpc' } }] };
    const { code, out } = await sluice('dump', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, edits.dumped]);
    const reencrypted = await sluice('secrets', 'reencrypt');
    expect(reencrypted.out).toMatch(
      /^3 records with secrets, encrypted with secrets\.key\.\n.*Replicas are not seen from here/,
    );
  });
  it('is waited for while its holder has not opened its socket yet', async () => {
    lock = FolderLock.take(join(data, 'postgres'));
    const opening = editsOfHolder(data);
    await startGateway();
    expect(await (await opening)?.dump()).toEqual(edits.dumped);
  });
  it('is an error that names the holder where that does not answer', async () => {
    lock = FolderLock.take(join(data, 'postgres'));
    await expect(editsOfHolder(data, 50)).rejects.toThrow(
      new RegExp(`${join(data, 'postgres')} is in use by process ${process.pid} .*it opens no control socket`),
    );
  });
  it('is nobody else’s where nobody holds it', async () => {
    await startGateway();
    expect(await editsOfHolder(data)).toBeNull();
  });
  it('tells what went wrong there in its own words', async () => {
    lock = FolderLock.take(join(data, 'postgres'));
    await startGateway();
    edits.failure = new Error('The embedded database has ended.');
    expect(await sluice('dump')).toEqual({ code: 1, out: '', errors: 'The embedded database has ended.' });
  });
});

describe('settings that cannot be used', () => {
  it.each([['refresh'], ['dump'], ['secrets reencrypt'], ['show system']])('end %s with 1', async (command) => {
    const { code, errors } = await sluice(...command.split(' '), '--set', 'server.port=x');
    expect([code, errors]).toEqual([1, expect.stringContaining('server.port = "x"')]);
  });
});

describe('sluice --version', () => {
  it('prints the version', async () => {
    const { code, out } = await sluice('--version');
    expect([code, out]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
  });
});
