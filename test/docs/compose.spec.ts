import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadFolderOnce } from '../../src/components/load-folder-once.js';
import type { SystemRecord } from '../../src/contracts/records.js';

const root = join(import.meta.dirname, '../..');
const textOf = (name: string): string => readFileSync(join(root, name), 'utf8');

interface Service {
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly expose?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}
interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}
const { services, volumes } = parse(textOf('docker-compose.yml')) as ComposeFile;
const gateway = services['gateway']!;
const runner = services['sample-runner']!;

/** What a built file is made from: `dist` is there after a build only. */
function sourceOf(built: string): string {
  const path = built.replace(/^\/app\//, '').replace(/\.js$/, '.ts');
  return path.startsWith('dist/examples/') ? path.replace('dist/', '') : path.replace('dist/', 'src/');
}

describe('docker-compose.yml', () => {
  it('has the gateway with its samples, and a database for who asks for it', () => {
    expect(Object.keys(services).sort()).toEqual(['gateway', 'postgres', 'sample-runner']);
    expect(services['postgres']).toMatchObject({
      profiles: ['postgres'],
      image: expect.stringMatching(/^postgres:1[4-9]/),
    });
  });
  it('opens the port of the gateway alone', () => {
    expect([gateway.ports, runner.ports, runner.expose]).toEqual([['1234:1234'], undefined, ['1235']]);
  });
  it('asks each service for its health where it answers', () => {
    expect(gateway.healthcheck?.test.join(' ')).toContain('http://127.0.0.1:1234/health/ready');
    expect(runner.healthcheck?.test.join(' ')).toContain('http://127.0.0.1:1235/health');
  });
  it('begins the gateway when its samples are well', () => {
    const isWell = { condition: 'service_healthy' };
    expect(gateway.depends_on).toEqual({ 'sample-runner': isWell });
  });
  it.each(Object.entries(services))('%s mounts what is there', (_name, service) => {
    for (const volume of service.volumes ?? []) {
      const source = volume.split(':')[0]!;
      const isThere = source.startsWith('.') ? existsSync(join(root, source)) : source in volumes;
      expect([source, isThere]).toEqual([source, true]);
    }
  });
  it.each(Object.entries(services).filter(([, { build }]) => build !== undefined))(
    '%s is built from a Dockerfile that is there',
    (_name, service) => {
      expect(existsSync(join(root, service.build!, 'Dockerfile'))).toBe(true);
    },
  );
  it('runs a sample runner that the build makes', () => {
    const program = runner.command!.find((argument) => argument.endsWith('.js'))!;
    const expected = 'dist/examples/sample-runner/main.js';
    expect([program, existsSync(join(root, sourceOf(program)))]).toEqual([expected, true]);
  });
  it('tells the gateway where its components are mounted', () => {
    const mounted = gateway.volumes!.find((volume) => volume.startsWith('./examples/compose:'))!;
    expect(gateway.environment!['SLUICE_CONFIG_LOADER_FOLDER']).toBe(mounted.split(':')[1]);
  });
});

describe('examples/compose', () => {
  it('has no fault, and systems that call the samples by the names of their services', async () => {
    const set = await loadFolderOnce({ folder: join(root, 'examples/compose'), gatewayId: 'default' });
    expect(set.findings).toEqual([]);
    const urls = [...set.records.system.values()].map(
      ({ record }) => (record as SystemRecord).parameters?.['server.baseUrl'],
    );
    expect(urls).toEqual(['http://sample-runner:1235', 'http://sample-runner:1235', undefined]);
    expect([...set.records.channel.keys()].sort()).toEqual(['auth_user', 'rpc', 'todo_crud']);
  });
});

describe('Dockerfile', () => {
  const lines = textOf('Dockerfile').replaceAll('\\\n', ' ').split('\n');
  const copies = lines.filter((line) => line.startsWith('COPY ')).map((line) => line.split(/\s+/).slice(1));

  it('copies from the checkout what is there, and what no ignore rule leaves out', () => {
    const sources = copies.filter(([first]) => !first!.startsWith('--from=')).flatMap((words) => words.slice(0, -1));
    const ignored = textOf('.dockerignore').split('\n');
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      const isThere = existsSync(join(root, source)) && !ignored.includes(source.split('/')[0]!);
      expect([source, isThere]).toEqual([source, true]);
    }
  });
  it('copies from its stages what they make', () => {
    const stages = new Set(lines.flatMap((line) => /^FROM .* AS (\S+)$/.exec(line)?.[1] ?? []));
    const taken = copies.filter(([first]) => first!.startsWith('--from='));
    expect(taken.map(([from, source]) => [stages.has(from!.slice(7)), source])).toEqual([
      [true, '/app/node_modules'],
      [true, '/app/dist'],
    ]);
  });
  it('runs the gateway as somebody else than root, and asks whether it is ready', () => {
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last).toContain('USER node');
    expect(last).toContain('CMD ["node", "--max-semi-space-size=4", "dist/main.js"]');
    expect(existsSync(join(root, sourceOf('dist/main.js')))).toBe(true);
    expect(last.find((line) => line.startsWith('HEALTHCHECK '))).toContain('/health/ready');
    expect(last).toContain('VOLUME ["/app/data"]');
  });
  it('has a base image of the Node that package.json asks for', () => {
    const major = /node:(\d+)-/.exec(lines.find((line) => line.startsWith('ARG NODE_IMAGE='))!)?.[1];
    const { engines } = JSON.parse(textOf('package.json')) as { engines: { node: string } };
    expect(Number(major)).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)![0]));
  });
});
