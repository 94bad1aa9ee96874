import { afterEach, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { dirname } from 'node:path';
import { compiledFindings } from '../../src/cli/compiled-findings.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { registerValidate } from '../../src/cli/validate.command.js';
import { findingOf } from '../../src/components/check/record-check.js';
import type { ComponentSet, Finding } from '../../src/contracts/components.js';
import { WatchedFolder } from './folder.js';

let folder: WatchedFolder;
afterEach(() => folder.remove());

async function validate(
  files: Record<string, string>,
  args: string[] = [],
  compile?: (set: ComponentSet) => Promise<readonly Finding[]>,
  subject = 'components',
) {
  folder = new WatchedFolder(files);
  const out: string[] = [];
  const errors: string[] = [];
  const terminal: Terminal = {
    env: {},
    cwd: dirname(folder.path),
    exitCode: 0,
    out: (line) => void out.push(line),
    error: (line) => void errors.push(line),
  };
  const program = new Command();
  registerValidate(program, terminal, compile);
  await program.parseAsync(['validate', subject, ...args], { from: 'user' });
  return { out, errors, code: terminal.exitCode };
}
const GOOD = { 'systems/a.yaml': 'id: a\nexecutor: rpc\n' };
const WARNED = { 'systems/a.yaml': 'id: a\nexecutor: rpc\nnmae: x\n' };
const BAD = { 'systems/a.yaml': 'id: a\nexecutor: rpc\nparameters:\n  x: []\n' };

describe('sluice validate', () => {
  it('ends with 0 where nothing is wrong', async () => {
    expect(await validate(GOOD)).toEqual({ out: ['components: 0 faults, 0 warnings'], errors: [], code: 0 });
  });
  it('tells file, line and pointer of each fault, and ends with 1', async () => {
    const { out, code } = await validate(BAD);
    expect([out[0], out[1], code]).toEqual([
      expect.stringMatching(/^components\/systems\/a\.yaml:4 \/parameters\/x fault system a: x is a list, expected /),
      'components: 1 fault, 0 warnings',
      1,
    ]);
  });
  it('knows the parameters of the built-in servers', async () => {
    const system = (parameters: string) => `id: a\ndata: {executor: local, parameters: {${parameters}}}\n`;
    const files = {
      'systems/a.yaml': system('runner: identity, auth.expiration: soon'),
      'systems/b.yaml': system('runner: session, ttl: long').replace('id: a', 'id: b'),
      'systems/c.yaml': system('runner: identity, attempt.limit: 3, auth.minPassLenght: 9').replace('id: a', 'id: c'),
    };
    const { out } = await validate(files, [], compiledFindings);
    expect(out).toEqual([
      expect.stringContaining('/parameters/auth.expiration fault system a: auth.expiration is a whole number'),
      expect.stringContaining('/parameters/ttl fault system b: ttl is a whole number of ms'),
      expect.stringContaining('/parameters/auth.minPassLenght warning system c: auth.minPassLenght is no parameter'),
      'components: 2 faults, 1 warning',
    ]);
  });
  it('finds no fault in a channel whose token has its secret from a lookup, unless more is wrong with the token', async () => {
    const token = (more: string) => `id: t\nsigningSecret: '\${{SECRET}}'\n${more}`;
    const channel = `id: c\nexecutor: local\nparameters: {runner: sample}\nauthToken: t\n`;
    const good = { 'tokens/t.yaml': token(''), 'channels/c.yaml': channel };
    expect((await validate(good, [], compiledFindings)).out).toEqual(['components: 0 faults, 0 warnings']);
    await folder.remove();
    const bad = { ...good, 'tokens/t.yaml': token('tokenName: "a b"\n') };
    expect((await validate(bad, [], compiledFindings)).out).toEqual([
      expect.stringContaining('/authToken fault channel c: the token "t" cannot be used'),
      expect.stringContaining('/tokenName fault token t'),
      'components: 2 faults, 0 warnings',
    ]);
  });
  it('lets warnings pass, but not with --strict', async () => {
    expect((await validate(WARNED)).code).toBe(0);
    await folder.remove();
    expect((await validate(WARNED, ['--strict'])).code).toBe(1);
  });
  it('ends with 2 where there is no such folder', async () => {
    const { out, errors, code } = await validate({});
    expect([out, errors, code]).toEqual([[], [expect.stringContaining('is not there')], 2]);
  });
  it('ends with 2 where a file is given, and says what is expected', async () => {
    const { errors, code } = await validate(GOOD, [], undefined, 'components/systems/a.yaml');
    expect([errors, code]).toEqual([
      [
        `${folder.at('systems/a.yaml')} is a file. Give the folder that holds systems, channels, services, tokens, or files of several kinds; \`sluice diff\` takes a single file.`,
      ],
      2,
    ]);
  });
  it.each([['a/b'], ['']])('ends with 2 for a gateway of the id %j, and says what ids look like', async (id) => {
    const { out, errors, code } = await validate(GOOD, [`--gateway=${id}`]);
    expect([out, code]).toEqual([[], 2]);
    expect(errors).toEqual([`gateway.id = "${id}": expected a name of at most 128 characters without / (--gateway)`]);
  });
  it('finds file and line of what the compiler found', async () => {
    const compile = async ({ records }: ComponentSet) =>
      [...records.channel.values()].map(({ id }) =>
        findingOf('channel', id, 'fault', { pointer: '/paths/~1x/methods/GET', message: 'no' }),
      );
    const files = {
      'all.yaml':
        'channels:\n- id: a\n  data:\n    system: b\n    paths:\n      x:\n        methods:\n          get: {isPublic: true}\n',
    };
    expect((await validate(files, [], compile)).out[0]).toBe(
      'components/all.yaml:8 /paths/~1x/methods/GET fault channel a: no',
    );
  });
  it('tells the same as JSON', async () => {
    const { out } = await validate(BAD, ['--json']);
    expect(JSON.parse(out.join('\n'))).toMatchObject({
      faults: 1,
      warnings: 0,
      findings: [{ id: 'a', line: 4, pointer: '/parameters/x' }],
    });
  });
});
