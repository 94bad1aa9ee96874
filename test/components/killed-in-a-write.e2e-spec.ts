import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSnapshot } from '../../src/components/snapshot/snapshot-file.js';
import { AesSecretBox } from '../../src/secrets/aes-secret-box.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const KILLS = 20;
const RECORDS = 3000;
const home = mkdtempSync(join(tmpdir(), 'sluice-killed-'));
const path = join(home, 'snapshot.json');
const box = new AesSecretBox([Buffer.alloc(32, 1)]);
let writer: ChildProcess | null = null;
afterEach(() => {
  writer?.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

/** A process that writes one set after the other, as fast as it can, and nothing else. */
function startWriting(): void {
  const script = `
    const { SnapshotKeeper } = await import('${new URL('../../dist/components/snapshot/snapshot-keeper.js', import.meta.url).href}');
    const { AesSecretBox } = await import('${new URL('../../dist/secrets/aes-secret-box.js', import.meta.url).href}');
    const box = new AesSecretBox([Buffer.alloc(32, 1)]);
    const keeper = new SnapshotKeeper({ path: '${path}', gatewayId: 'g', box, everyMs: 0, log: (level, text) => level === 'warn' && console.error(text) });
    for (let version = 0; ; version++) {
      const records = Array.from({ length: ${RECORDS} }, (_, index) => {
        const id = 's' + index;
        return [id, { kind: 'system', id, record: { executor: 'rpc', name: 'x'.repeat(200) }, version: String(version), active: true }];
      });
      keeper.keep({ revision: version, findings: [], records: { system: new Map(records), channel: new Map(), service: new Map(), token: new Map() } });
      await keeper.flush();
    }`;
  writer = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'inherit', 'inherit'] });
}
const parts = (): string[] => readdirSync(home).filter((name) => name.endsWith('.part'));

describe('a process that is killed while it writes its snapshot', () => {
  it(`leaves a whole one, ${KILLS} times`, async () => {
    let [inWrites, known] = [0, parts()];
    for (let kills = 0; kills < KILLS; kills++) {
      startWriting();
      // Whole files first: a set that is half written must not be the only one.
      await until(() => existsSync(path) && parts().some((name) => !known.includes(name)));
      writer!.kill('SIGKILL');
      await once(writer!, 'exit');
      if (parts().length > known.length) inWrites++;
      known = parts();
      const reading = await readSnapshot(path, { gatewayId: 'g', box });
      if (reading.state !== 'read') throw new Error(JSON.stringify(reading));
      expect([reading.components.length, new Set(reading.components.map(({ version }) => version)).size]).toEqual([
        RECORDS,
        1,
      ]);
    }
    // Else nothing was tried.
    expect(inWrites).toBeGreaterThan(KILLS / 4);
  });
});
