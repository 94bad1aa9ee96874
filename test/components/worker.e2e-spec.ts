import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import { execFile } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

// A worker loads no TypeScript, so that this runs a compiled copy, inside the checkout for the sake of node_modules.
const run = promisify(execFile);
let build: string;
let folder: string;

beforeAll(() => {
  mkdirSync('.tmp', { recursive: true });
  build = mkdtempSync(resolve('.tmp', 'worker-'));
  for (const source of globSync(
    'src/{components,channels,systems,services,tokens,contracts,lookups,secrets,errors}/**/*.ts',
  )) {
    if (source.endsWith('spec.ts')) continue;
    const target = join(build, source.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    const { code } = transformFileSync(source, {
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, useDefineForClassFields: false },
      },
      module: { type: 'es6' },
    });
    writeFileSync(target, code);
  }
  folder = mkdtempSync(join(tmpdir(), 'sluice-worker-'));
  mkdirSync(join(folder, 'systems'));
  const records = Array.from({ length: 5000 }, (_, index) => ({
    id: `s${index}`,
    data: {
      executor: index === 4321 ? 5.5 : 'rpc',
      description: 'x'.repeat(200),
      parameters: index === 99 ? { a: [] } : {},
    },
  }));
  writeFileSync(join(folder, 'systems', 'large.json'), JSON.stringify(records, null, 1));
  writeFileSync(join(folder, 'systems', 'bad.yaml'), 'a: [');
});
afterAll(() => {
  for (const path of [build, folder]) rmSync(path, { recursive: true, force: true });
});

describe('a large load in a worker thread', () => {
  it('gives the same components and findings as one inline, and ends its thread', async () => {
    const program = `
      import { loadFolderOnce } from ${JSON.stringify(join(build, 'src/components/load-folder-once.js'))};
      const { records, findings } = await loadFolderOnce({ folder: ${JSON.stringify(folder)}, gatewayId: 'g' });
      console.log(JSON.stringify({ size: records.system.size, last: records.system.get('s4999'), coerced: records.system.get('s4321').record.executor, faulty: records.system.get('s99').record, findings }));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000 });
    expect(JSON.parse(stdout)).toMatchObject({
      size: 5000,
      last: {
        kind: 'system',
        id: 's4999',
        active: true,
        file: join(folder, 'systems/large.json'),
        record: { executor: 'rpc' },
      },
      coerced: '5.5',
      faulty: null,
      findings: [
        { kind: 'system', id: 's99', pointer: '/parameters/a', line: expect.any(Number) },
        { kind: 'system', id: '', message: expect.stringContaining('bad.yaml is not valid YAML') },
      ],
    });
  });
  it('reads the large pages of a REST source, one after the other', async () => {
    const module = (name: string): string => JSON.stringify(join(build, 'src/components', name));
    const program = `
      import { createServer } from 'node:http';
      import { ComponentStore } from ${module('component-store.js')};
      import { StandingFindings } from ${module('finding-board.js')};
      import { RestLoader } from ${module('rest-loader.js')};
      const records = Array.from({ length: 250 }, (_, index) => ({ id: 's' + index, data: { executor: 'rpc', description: 'x'.repeat(5000) } }));
      const server = createServer((request, response) => {
        const { pathname, searchParams } = new URL(request.url, 'http://h');
        const skip = Number(searchParams.get('skip'));
        response.end(JSON.stringify(pathname === '/system' ? records.slice(skip, skip + 100) : []));
      }).listen(0, '127.0.0.1', async () => {
        const store = new ComponentStore({ board: new StandingFindings(), log: () => {} });
        const loader = new RestLoader(store, {
          baseUrl: new URL('http://127.0.0.1:' + server.address().port), timeoutMs: 9000, connectTimeoutMs: 9000,
          maxPageBytes: 9e6, totalTimeoutMs: null, maxConnections: 500, maxIdleMs: 30000, maxLifeMs: null, openCalls: null,
          headers: {}, credentials: null, trustsAll: false, trust: null, gatewayId: 'g', refreshMs: -1,
          paths: { system: 'system', channel: 'channel', service: 'service', token: 'token' }, log: () => {},
        });
        await loader.refresh();
        await loader.stop();
        server.close();
        const { records: { system }, findings } = store.current();
        console.log(JSON.stringify({ size: system.size, length: system.get('s249').record.description.length, findings }));
      });`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000 });
    expect(JSON.parse(stdout)).toEqual({ size: 250, length: 5000, findings: [] });
  });
});
