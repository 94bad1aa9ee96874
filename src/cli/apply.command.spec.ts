import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FakeEdits, NOTHING_DUMPED } from '../../test/support/control-fakes.js';
import { findingOf } from '../components/check/record-check.js';
import { registerApply, registerDiff } from './apply.command.js';
import { compiledFindings } from './compiled-findings.js';
import { fileNames } from './dump-into-folder.js';
import { registerDump } from './dump.command.js';
import type { Terminal } from './terminal.js';

let cwd: string;
let edits: FakeEdits;
let closed: number;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sluice-apply-'));
  [edits, closed] = [new FakeEdits(), 0];
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), text);
}

async function* piped(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

async function sluice(argv: string[], input = '') {
  const out: string[] = [];
  const errors: string[] = [];
  const terminal: Terminal = {
    ...{ env: {}, cwd, exitCode: 0, input: piped(input) },
    out: (line) => void out.push(line),
    error: (line) => void errors.push(line),
  };
  const close = () => Promise.resolve(void closed++);
  const parts = { terminal, compile: compiledFindings, open: () => Promise.resolve({ edits, close }) };
  const program = new Command().exitOverride();
  for (const register of [registerApply, registerDiff, registerDump]) register(program, parts);
  await program.parseAsync(argv, { from: 'user' });
  return { code: terminal.exitCode, out: out.join('\n'), errors: errors.join('\n') };
}

const SYSTEM = 'id: a\ndata:\n  executor: rpc\n  parameters: { server.baseUrl: "http://x" }\n';
const SYSTEM_DATA = { executor: 'rpc', parameters: { 'server.baseUrl': 'http://x' } };
const ADDED = { kind: 'system', id: 'a', change: 'added', pointers: [] } as const;
const CHANGED = { kind: 'channel', id: 'c', change: 'changed', pointers: ['/target', '/paths/x~1y'] } as const;
const REMOVED = { kind: 'channel', id: 'd', change: 'removed', pointers: [] } as const;
const given = () => edits.applied.map(({ records }) => records);

describe('sluice apply', () => {
  it('gives the records of a folder to the database as they are written, in both forms', async () => {
    write('c/systems/a.yaml', SYSTEM);
    write('c/all.json', '{"channels":[{"id":"c","system":"a","status":"ACTIVE"},{"id":"c@x","system":"a"}]}');
    edits.outcome = { state: 'done', changes: [CHANGED, ADDED], unchanged: 4, findings: [] };
    expect(await sluice(['apply', 'c'])).toEqual({
      ...{ code: 0, errors: '' },
      out: 'changed channel c /target /paths/x~1y\nadded system a\n1 added, 1 changed, 0 removed, 4 unchanged',
    });
    expect(edits.applied).toEqual([
      {
        records: [
          { kind: 'channel', id: 'c', data: { system: 'a', status: 'ACTIVE' } },
          { kind: 'system', id: 'a', data: SYSTEM_DATA },
        ],
        options: { prune: false, normalize: false, dryRun: false },
      },
    ]);
    expect(closed).toBe(1);
  });
  it('leaves the form of the original, lookups and masks to the database', async () => {
    const data = { systemExecutor: 'RPCExecutor', systemParameters: { 'server.secret': '********', x: '${{A.B}}' } };
    write('a.json', JSON.stringify({ systems: [{ id: 'a', data }] }));
    await sluice(['apply', 'a.json', '--normalize']);
    expect(edits.applied).toEqual([
      { records: [{ kind: 'system', id: 'a', data }], options: { prune: false, normalize: true, dryRun: false } },
    ]);
  });
  it('takes one file of a kind, one of several kinds wherever it lies, and standard input', async () => {
    const record = [{ kind: 'system', id: 'a', data: SYSTEM_DATA }];
    write('channels/dump.yaml', JSON.stringify({ systems: [{ id: 'a', data: SYSTEM_DATA }] }));
    write('c/systems/deep/a.yaml', SYSTEM);
    await sluice(['apply', 'channels/dump.yaml']);
    await sluice(['apply', 'c/systems/deep/a.yaml']);
    await sluice(['apply', '-'], `systems:\n  - ${SYSTEM.replaceAll('\n', '\n    ')}`);
    await sluice(['apply', '-'], JSON.stringify({ systems: [{ id: 'a', ...SYSTEM_DATA }] }));
    expect(given()).toEqual([record, record, record, record]);
  });
  it('refuses as `validate` does, before anything is asked of the database', async () => {
    write('c/systems/a.yaml', 'id: a\nexecutor: rpc\nparameters: 5\n');
    write('c/systems/b.yaml', 'id: [\n');
    const { code, out } = await sluice(['apply', 'c']);
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^c\/systems\/a\.yaml:3 \/parameters fault system a: /),
      expect.stringMatching(/^c\/systems\/b\.yaml:\d+ \/ fault system: .*is not valid YAML/),
      'c: 2 faults, 0 warnings',
    ]);
    expect([edits.applied, closed]).toEqual([[], 0]);
  });
  it('refuses two records with one id', async () => {
    write('c/systems/a.yaml', SYSTEM);
    write('c/systems/b.yaml', SYSTEM);
    const { code, out } = await sluice(['apply', 'c']);
    expect([code, out]).toEqual([1, expect.stringContaining('system a stands in')]);
    const twice = await sluice(
      ['apply', '-'],
      JSON.stringify({ systems: [{ id: 'a', executor: 'rpc' }, { id: 'a' }] }),
    );
    expect([twice.code, twice.out]).toEqual([1, expect.stringContaining('more than once in standard input')]);
    expect(edits.applied).toEqual([]);
  });
  it('lets a record refer to one that is stored already, but not where that is deleted', async () => {
    write('c.yaml', 'channels: [{ id: c, system: a }]\n');
    const missing = await sluice(['apply', 'c.yaml']);
    expect([missing.code, missing.out]).toEqual([1, expect.stringContaining('no active system "a"')]);
    edits.dumped = { ...NOTHING_DUMPED, systems: [{ id: 'a', data: SYSTEM_DATA }] };
    expect((await sluice(['apply', 'c.yaml'])).code).toBe(0);
    expect((await sluice(['apply', 'c.yaml', '--prune', '--yes'])).code).toBe(1);
    expect(given()).toHaveLength(1);
  });
  it('deletes only with --yes, and else tells what it would', async () => {
    write('c/systems/a.yaml', SYSTEM);
    edits.outcome = { state: 'done', changes: [REMOVED], unchanged: 1, findings: [] };
    const { code, out, errors } = await sluice(['apply', 'c', '--prune']);
    expect([code, out]).toEqual([1, 'removed channel d\n0 added, 0 changed, 1 removed, 1 unchanged']);
    expect(errors).toBe('Nothing was written: 1 record would be deleted. Add --yes if that is meant.');
    expect(edits.applied.map(({ options }) => options?.dryRun)).toEqual([true]);
    expect((await sluice(['apply', 'c', '--prune', '--yes'])).code).toBe(0);
    expect(edits.applied.map(({ options }) => options?.dryRun)).toEqual([true, false]);
  });
  it('needs no --yes where nothing is deleted', async () => {
    write('c/systems/a.yaml', SYSTEM);
    expect((await sluice(['apply', 'c', '--prune'])).code).toBe(0);
    expect(edits.applied.map(({ options }) => options?.dryRun)).toEqual([true, false]);
  });
  it('tells what the database refuses by file and line', async () => {
    write('c/systems/a.yaml', SYSTEM);
    const fault = findingOf('system', 'a', 'fault', { pointer: '/parameters', message: 'Nothing is stored here.' });
    edits.outcome = { state: 'refused', findings: [fault] };
    expect(await sluice(['apply', 'c'])).toEqual({
      ...{ code: 1, errors: '' },
      out: 'c/systems/a.yaml:4 /parameters fault system a: Nothing is stored here.\nc: 1 fault, 0 warnings',
    });
  });
  it('prints JSON, and warnings beside it else', async () => {
    write('c/systems/a.yaml', `${SYSTEM}  nmae: x\n`);
    edits.outcome = { state: 'done', changes: [ADDED], unchanged: 0, findings: [] };
    const { out } = await sluice(['apply', 'c', '--dry-run', '--json']);
    expect(JSON.parse(out)).toMatchObject({ written: false, changes: [ADDED], findings: [{ severity: 'warning' }] });
    expect((await sluice(['apply', 'c'])).errors).toMatch(/^c\/systems\/a\.yaml:5 \/nmae warning system a: /);
  });
  it('warns where gateways with these settings read something else', async () => {
    write('c/systems/a.yaml', SYSTEM);
    const { code, errors } = await sluice(['apply', 'c', '--set', 'config.loader.type=files']);
    expect([code, errors]).toEqual([0, expect.stringMatching(/^warning: config\.loader\.type is files: /)]);
  });
  it.each([['nowhere'], ['text.txt']])('ends with 2 where %s is no source', async (source) => {
    write('text.txt', '');
    expect(await sluice(['apply', source])).toMatchObject({ code: 2, out: '' });
  });
  it('ends with 1 and the words of the database where that is away, and lets it go', async () => {
    write('c/systems/a.yaml', SYSTEM);
    edits.failure = new Error('Postgres at db:5432/x is away');
    expect(await sluice(['apply', 'c'])).toEqual({ code: 1, out: '', errors: 'Postgres at db:5432/x is away' });
    expect(closed).toBe(1);
  });
});

describe('sluice diff', () => {
  beforeEach(() => write('c/systems/a.yaml', SYSTEM));
  it('ends with 0 where nothing would change, and with 1 where something would; writes nothing', async () => {
    expect((await sluice(['diff', 'c'])).code).toBe(0);
    edits.outcome = { state: 'done', changes: [REMOVED], unchanged: 0, findings: [] };
    expect((await sluice(['diff', 'c', '--prune'])).code).toBe(1);
    expect(edits.applied.map(({ options }) => options)).toEqual([
      { prune: false, normalize: false, dryRun: true },
      { prune: true, normalize: false, dryRun: true },
    ]);
  });
  it('ends with 2 on trouble: no source, faults, settings, no database', async () => {
    expect((await sluice(['diff', 'nowhere'])).code).toBe(2);
    expect((await sluice(['diff', '-'], '{"systems":[{"id":"a"}]}')).code).toBe(2);
    expect((await sluice(['diff', 'c', '--set', 'server.port=x'])).code).toBe(2);
    edits.failure = new Error('away');
    expect((await sluice(['diff', 'c'])).code).toBe(2);
  });
});

describe('sluice dump', () => {
  const WEIRD = 'a b:%*?"<>|\\ü';
  beforeEach(() => {
    edits.dumped = {
      ...NOTHING_DUMPED,
      systems: [
        { id: 'a', data: { ...SYSTEM_DATA, status: 'on', 'server.secret': '********' } },
        { id: WEIRD, data: SYSTEM_DATA },
      ],
      channels: [{ id: '.hidden', data: { system: 'a' } }],
    };
  });
  const records = [
    { kind: 'channel', id: '.hidden', data: { system: 'a' } },
    { kind: 'system', id: 'a', data: { ...SYSTEM_DATA, status: 'on', 'server.secret': '********' } },
    { kind: 'system', id: WEIRD, data: SYSTEM_DATA },
  ];
  const sorted = () =>
    given()
      .at(-1)
      ?.toSorted((a, b) => (a.kind + a.id < b.kind + b.id ? -1 : 1));

  it.each([[[]], [['--json']]])('prints what `apply` reads, as YAML or JSON: %j', async (args) => {
    const { code, out } = await sluice(['dump', ...args]);
    expect(code).toBe(0);
    expect(await sluice(['apply', '-'], out)).toMatchObject({ code: 1 });
    // A system that is not in use is not there for channels.
    edits.dumped = { ...edits.dumped, channels: [] };
    await sluice(['apply', '-'], (await sluice(['dump', ...args])).out);
    expect(sorted()).toEqual(records.slice(1));
  });
  it('writes a file for its user alone', async () => {
    expect(await sluice(['dump', '--output', 'all.json'])).toEqual({ code: 0, out: '', errors: 'all.json: 3 records' });
    expect(JSON.parse(readFileSync(join(cwd, 'all.json'), 'utf8'))).toEqual(edits.dumped);
    expect(statSync(join(cwd, 'all.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(cwd)).toEqual(['all.json']);
  });
  it('through a link writes the file that it leads to', async () => {
    write('real/all.yaml', 'old');
    symlinkSync('real/all.yaml', join(cwd, 'link.yaml'));
    expect((await sluice(['dump', '-o', 'link.yaml'])).code).toBe(0);
    expect([
      readFileSync(join(cwd, 'real/all.yaml'), 'utf8'),
      lstatSync(join(cwd, 'link.yaml')).isSymbolicLink(),
    ]).toEqual([expect.stringContaining('systems:'), true]);
  });
  it('writes into what is no file instead of replacing it', async () => {
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const reader = readFile(join(cwd, 'pipe'), 'utf8');
    expect((await sluice(['dump', '-o', 'pipe', '--json'])).code).toBe(0);
    expect(JSON.parse(await reader)).toEqual(edits.dumped);
    expect(lstatSync(join(cwd, 'pipe')).isFIFO()).toBe(true);
  });
  it.each([
    ['/dev/full', 'there is no space left (ENOSPC)'],
    ['/proc/x', 'nothing can be made there (ENOENT)'],
    ['/proc/x/', 'nothing can be made there (ENOENT)'],
    ['text.txt/x.yaml', 'a file stands where a folder is needed (EEXIST)'],
    ['n'.repeat(300), 'the name is too long (ENAMETOOLONG)'],
  ])('ends with 1 where %s cannot be written, says why in one line, and leaves nothing', async (output, why) => {
    write('text.txt', 'old');
    expect(await sluice(['dump', '-o', output])).toEqual({
      ...{ code: 1, out: '' },
      errors: `${output} cannot be written: ${why}.`,
    });
    expect([readdirSync(cwd), readFileSync(join(cwd, 'text.txt'), 'utf8')]).toEqual([['text.txt'], 'old']);
  });
  it('writes a file a record into a folder, under names that any file system takes', async () => {
    edits.dumped = { ...edits.dumped, systems: edits.dumped.systems.map((r) => ({ id: r.id, data: SYSTEM_DATA })) };
    write('out/systems/old.yaml', SYSTEM);
    const { errors } = await sluice(['dump', '--output', 'out/']);
    expect(errors).toMatch(/^out\/: 3 records\nwarning: record files .*old\.yaml$/);
    expect(readdirSync(join(cwd, 'out/systems')).sort()).toEqual([
      'a%20b%3A%25%2A%3F%22%3C%3E%7C%5C%C3%BC.yaml',
      'a.yaml',
      'old.yaml',
    ]);
    expect(readdirSync(join(cwd, 'out/channels'))).toEqual(['%2Ehidden.yaml']);
    rmSync(join(cwd, 'out/systems/old.yaml'));
    await sluice(['apply', 'out']);
    expect(sorted()?.map(({ id }) => id)).toEqual(records.map(({ id }) => id));
  });
  it('gives each id a name of its own, whatever its length and case, and the same each time', () => {
    const ids = ['Shop', 'shop', '😀'.repeat(64), `${'😀'.repeat(63)}x`, '%2Ea', '.a', 'a%', 'a%25', '..'];
    const names = fileNames(ids);
    const all = [...names.values()];
    expect(new Set(all.map((name) => name.toLowerCase())).size).toBe(ids.length);
    for (const name of all) expect(name).toMatch(/^[A-Za-z0-9_%~-][A-Za-z0-9_.%~-]{0,170}$/);
    expect(fileNames(ids.toReversed())).toEqual(new Map(ids.toSorted().map((id) => [id, names.get(id)])));
  });
});
