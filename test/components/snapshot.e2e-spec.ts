import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readSnapshot } from '../../src/components/snapshot/snapshot-file.js';
import { AesSecretBox } from '../../src/secrets/aes-secret-box.js';

// A child process loads no TypeScript, so that this runs a compiled copy.
const RECORDS = 2_000;
let home: string;
let path: string;

beforeAll(() => {
  mkdirSync('.tmp', { recursive: true });
  home = mkdtempSync(resolve('.tmp', 'snapshot-'));
  path = join(home, 'data/snapshot.json');
  for (const source of globSync(
    'src/{components/snapshot/*,components/breathe,contracts/records,secrets/*,process/make-folder}.ts',
  )) {
    if (source.endsWith('spec.ts')) continue;
    const target = join(home, source.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    const { code } = transformFileSync(source, {
      jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    });
    writeFileSync(target, code);
  }
  writeFileSync(join(home, 'package.json'), '{"type":"module"}');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Writes one snapshot after the other, all records of each with one version, and says so after the first. */
function aWriter(round: number): ChildProcess {
  const program = `
    import { writeSnapshot } from ${JSON.stringify(join(home, 'src/components/snapshot/snapshot-file.js'))};
    import { AesSecretBox } from ${JSON.stringify(join(home, 'src/secrets/aes-secret-box.js'))};
    const box = new AesSecretBox([Buffer.alloc(32, 1)]);
    for (let write = 0; ; write++) {
      const version = '${round}.' + write;
      const components = Array.from({ length: ${RECORDS} }, (_, index) => (
        { kind: 'system', id: 's' + index, version, active: true, record: { executor: 'rpc', description: 'x'.repeat(500) } }));
      await writeSnapshot(${JSON.stringify(path)}, { gatewayId: 'g', savedAt: new Date(), components }, box);
      if (write === 0) console.log('written');
    }`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
}

describe('a process that is killed while it writes snapshots', () => {
  it('leaves the old one or the new one, whole', async () => {
    const box = new AesSecretBox([Buffer.alloc(32, 1)]);
    for (let round = 0; round < 20; round++) {
      const writer = aWriter(round);
      const exit = once(writer, 'exit');
      await Promise.race([once(writer.stdout!, 'data'), exit]);
      // Any moment of a write, which takes some 20 ms.
      await new Promise((moment) => setTimeout(moment, Math.random() * 40));
      writer.kill('SIGKILL');
      expect(await exit).toEqual([null, 'SIGKILL']);
      const reading = await readSnapshot(path, { gatewayId: 'g', box });
      if (reading.state !== 'read') throw new Error(JSON.stringify(reading));
      const versions = new Set(reading.components.map(({ version }) => version));
      expect([reading.components.length, versions.size]).toEqual([RECORDS, 1]);
      expect([...versions][0]).toMatch(new RegExp(`^${round}\\.`));
    }
    // At least some were killed in the middle.
    expect(readdirSync(dirname(path)).length).toBeGreaterThan(1);
  }, 60_000);
});
