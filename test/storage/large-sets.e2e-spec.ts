import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ran } from '../process/program.js';
import { TestGateway } from '../support/gateway.js';

jest.setTimeout(240_000);

const RECORDS = 10_000;
const MIB = 1024 * 1024;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await TestGateway.start({ settings: { 'config.loader.type': 'database' } });
});
afterAll(() => gateway.stop('SIGKILL'));

const rssBytes = (): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8'))![1]) * 1024;
const sluice = (...args: string[]) =>
  ran('cli/sluice.js', [...args, '--set', `data.folder=${join(gateway.home, 'data')}`], { cwd: gateway.home });

/** The commands of one test run one after the other: each works on what the one before left. */
describe('ten thousand records over the control socket', () => {
  it('are applied, dumped and found the same, within seconds and 600 MiB', async () => {
    const before = rssBytes();
    const systems = Array.from({ length: RECORDS }, (_, index) => ({
      id: `s${index}`,
      data: {
        executor: 'rpc',
        description: 'x'.repeat(500),
        parameters: { 'server.baseUrl': 'http://127.0.0.1:1', token: `t${index}` },
      },
    }));
    writeFileSync(join(gateway.home, 'all.json'), JSON.stringify({ systems }));
    const applied = await sluice('apply', 'all.json');
    expect([applied.code, applied.out.trim().split('\n').at(-1)]).toEqual([
      0,
      '10000 added, 0 changed, 0 removed, 0 unchanged',
    ]);
    expect(await sluice('dump', '-o', 'dump.json')).toMatchObject({ code: 0, err: 'dump.json: 10000 records\n' });
    const same = await sluice('diff', 'dump.json', '--prune');
    expect([same.code, same.out.trim()]).toEqual([0, '0 added, 0 changed, 0 removed, 10000 unchanged']);
    expect((rssBytes() - before) / MIB).toBeLessThan(600);
  });
});
