import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TestBackend, echoEvent, HeldCalls } from '../support/backend.js';
import { call } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';
import { freePort, takenPort } from './program.js';
import { describeStoppedWorkers, stopWorkers } from './stopped-workers-suite.js';
import { SteadyLoad } from './steady-load.js';

jest.setTimeout(120_000);

stopWorkers();

const held = new HeldCalls();
let backend: TestBackend;
let gateway: TestGateway;
const loads: SteadyLoad[] = [];

beforeEach(async () => {
  held.held.length = 0;
  backend = await TestBackend.start((request, response) =>
    (request.url.includes('/held') ? held.handler : echoEvent)(request, response),
  );
});
afterEach(async () => {
  await Promise.all(loads.splice(0).map((load) => load.stop()));
  // Without their supervisor the workers end too.
  await gateway.stop('SIGKILL');
  await until(() => pidsSeen.every((pid) => !isAlive(pid)));
  pidsSeen.length = 0;
  await backend.close();
});

interface Status {
  readonly worker: number;
  readonly pid: number;
  readonly state: string;
  readonly restarts: number;
  readonly inFlight: number;
}
const pidsSeen: number[] = [];

/** Nobody answers at database.url: with records in files, nothing of the database is needed. */
function spawned(settings: Readonly<Record<string, string | number>> = {}): TestGateway {
  gateway = TestGateway.spawn({
    components: withChannels(aChannel('rpc', backend.url)),
    settings: { 'server.workers': 2, 'database.url': 'postgres://127.0.0.1:1/none', ...settings },
  });
  return gateway;
}
async function started(settings: Readonly<Record<string, string | number>> = {}): Promise<number> {
  spawned(settings);
  await gateway.until(() => gateway.output.includes('"msg":"all workers are ready"'), 50_000);
  pidsSeen.push(...(await workers()).map(({ pid }) => pid));
  return gateway.port;
}
async function workers(port = gateway.port): Promise<readonly Status[]> {
  const answer = await call(port, '/health');
  return answer.json<{ workers: readonly Status[] }>().workers;
}
/** The slot has its next worker. A connection that was on its way to the one that was killed breaks. */
async function replaced(slot: number): Promise<Status> {
  const now = (): Promise<Status | null> =>
    workers().then(
      (all) => all[slot] ?? null,
      () => null,
    );
  await until(async () => {
    const status = await now();
    return status?.restarts === 1 && status.state === 'ready';
  });
  const status = (await workers())[slot]!;
  pidsSeen.push(status.pid);
  return status;
}
const metric = (name: string, labels: Readonly<Record<string, string>> = {}) => gateway.metric(name, labels);
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const ids = /^default-(\d+)-\d+$/;

function aLoad(port: number, clients: number): { load: SteadyLoad; ids: string[] } {
  const seen: string[] = [];
  const load = new SteadyLoad(`http://127.0.0.1:${port}/api/request/rpc/x`, clients, ({ status, headers }) => {
    seen.push(String(headers['x-request-id']));
    return status === 200 ? null : `status ${status}`;
  });
  loads.push(load);
  return { load, ids: seen };
}

describe('two workers', () => {
  it('serve one port, give each request an id of its own, and count together', async () => {
    const port = await started({ 'gateway.requestIdHeaderOn': 'always', 'log.requests': 'none' });
    const { load, ids: seen } = aLoad(port, 8);
    await until(() => seen.length >= 10_000, 60_000);
    await load.stop();
    expect(load.complaints).toEqual([]);
    expect(new Set(seen).size).toBe(seen.length);
    expect(new Set(seen.map((id) => ids.exec(id)![1]))).toHaveProperty('size', 2);
    // Of both, whichever is asked.
    for (let times = 0; times < 4; times++) {
      expect(await metric('sluice_requests_total', { channel: 'rpc', status: '200' })).toBe(seen.length);
      expect(await metric('sluice_request_duration_seconds_count', { channel: 'rpc' })).toBe(seen.length);
    }
    expect(await Promise.all([metric('sluice_workers'), metric('sluice_workers_ready')])).toEqual([2, 2]);
    expect(await metric('sluice_config_channels')).toBe(1);
  });
  it('give unique ids with a constant instance number too, also when one was started again', async () => {
    const port = await started({
      'gateway.requestIdHeaderOn': 'always',
      'id.instanceNum.class': 'constant',
      'id.instanceNum.value': 7,
    });
    const first = aLoad(port, 4);
    await until(() => first.ids.length >= 500);
    await first.load.stop();
    process.kill((await workers())[0]!.pid, 'SIGKILL');
    await replaced(0);
    const second = aLoad(port, 4);
    await until(() => second.ids.length >= 500);
    await second.load.stop();
    const all = [...first.ids, ...second.ids];
    expect(new Set(all).size).toBe(all.length);
    expect(all.every((id) => id.startsWith('default-7-'))).toBe(true);
  });
  it('each log which of them they are', async () => {
    await started();
    const ready = () => gateway.lines.filter(({ msg }) => msg === 'ready').map(({ worker }) => worker);
    await gateway.until(() => ready().length === 2);
    expect(ready().sort()).toEqual([0, 1]);
    const port = gateway.port;
    for (let times = 0; times < 6; times++) await call(port, '/api/request/rpc/x');
    await gateway.until(() => gateway.requestLines().filter(({ channel }) => channel === 'rpc').length === 6);
    expect(gateway.requestLines().every(({ worker }) => worker === 0 || worker === 1)).toBe(true);
  });
  it('have one control socket and one snapshot, of the first, and of its successor', async () => {
    await started();
    const socket = join(gateway.home, 'data/control.sock');
    expect(existsSync(socket)).toBe(true);
    expect(gateway.output).not.toContain('Another process answers on the control socket');
    await gateway.until(() => existsSync(join(gateway.home, 'data/snapshot.json')));
    const [leader] = await workers();
    process.kill(leader!.pid, 'SIGKILL');
    const successor = await replaced(0);
    expect(await controlStatus(socket)).toMatchObject({ pid: successor.pid });
  });
});

describe('a worker that is killed', () => {
  it('loses its own requests only, is back soon, and is counted', async () => {
    const clients = 8;
    const port = await started({ 'log.requests': 'none' });
    const { load, ids: seen } = aLoad(port, clients);
    await until(() => seen.length > 500);
    const before = await metric('sluice_requests_total', { channel: 'rpc', status: '200' });
    const [, victim] = await workers();
    process.kill(victim!.pid, 'SIGKILL');
    await replaced(1);
    const atRestart = seen.length;
    await until(() => seen.length > atRestart + 500);
    await load.stop();
    expect(load.complaints.length).toBeLessThanOrEqual(clients);
    expect(load.complaints.every((complaint) => /ECONNRESET|socket hang up/.test(complaint))).toBe(true);
    expect(await metric('sluice_worker_restarts_total', { reason: 'signal' })).toBe(1);
    expect(await metric('sluice_worker_lost_requests_total')).toBeLessThanOrEqual(clients);
    // What it had counted by the last scrape stays.
    expect(await metric('sluice_requests_total', { channel: 'rpc', status: '200' })).toBeGreaterThanOrEqual(before);
    const line = gateway.lines.find(({ msg }) => msg === 'a worker has ended');
    expect(line).toMatchObject({ worker: 1, pid: victim!.pid, signal: 'SIGKILL', reason: 'signal' });
  });
  it('has what was under way in it counted as lost', async () => {
    const port = await started();
    const outcomes = Array.from({ length: 6 }, () =>
      call(port, '/api/request/rpc/held').then(
        () => 'answered',
        () => 'broke',
      ),
    );
    await until(() => held.held.length === 6);
    // The scrape itself is under way too.
    expect(await metric('sluice_requests_in_flight')).toBe(7);
    const reported = async (): Promise<number> => (await workers()).reduce((sum, { inFlight }) => sum + inFlight, 0);
    await until(async () => (await reported()) === 6);
    const [victim] = await workers();
    process.kill(victim!.pid, 'SIGKILL');
    await until(() => gateway.lines.some(({ msg }) => msg === 'a worker has ended'));
    held.release();
    const broke = (await Promise.all(outcomes)).filter((outcome) => outcome === 'broke').length;
    expect(broke).toBeGreaterThan(0);
    expect(broke).toBeLessThan(6);
    // The question how it is may have been under way there, too.
    expect([broke, broke + 1]).toContain(await metric('sluice_worker_lost_requests_total'));
    await replaced(0);
  });
});

describe('a stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s drains every worker, fails no request, and ends with 0',
    async (signal) => {
      const port = await started({ 'server.shutdownDelayMs': 1500, 'log.requests': 'none' });
      const { load, ids: seen } = aLoad(port, 6);
      await until(() => seen.length > 200);
      gateway.child.kill(signal);
      const ready = async (): Promise<number> => (await call(port, '/health/ready')).status;
      await until(async () => (await ready()) === 503 && (await ready()) === 503);
      const told = seen.length;
      await until(() => seen.length > told);
      await load.stop();
      expect(load.complaints).toEqual([]);
      expect(await gateway.exited()).toBe(0);
      expect(gateway.lines.filter(({ msg }) => msg === 'stopped')).toHaveLength(2);
    },
  );
  it('waits for what is under way', async () => {
    const port = await started();
    const outcomes = Array.from({ length: 4 }, () => call(port, '/api/request/rpc/held'));
    await until(() => held.held.length === 4);
    gateway.child.kill('SIGTERM');
    await until(() =>
      call(port, '/health/live').then(
        () => false,
        ({ code }: NodeJS.ErrnoException) => code === 'ECONNREFUSED',
      ),
    );
    held.release();
    expect((await Promise.all(outcomes)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await gateway.exited()).toBe(0);
  });
});

describe('a supervisor that is killed', () => {
  it('leaves no worker behind and frees the port, and what is under way is answered', async () => {
    const port = await started();
    const outcome = call(port, '/api/request/rpc/held');
    await until(() => held.held.length === 1);
    const pids = (await workers()).map(({ pid }) => pid);
    gateway.child.kill('SIGKILL');
    await until(() =>
      call(port, '/health/live').then(
        () => false,
        ({ code }: NodeJS.ErrnoException) => code === 'ECONNREFUSED',
      ),
    );
    held.release();
    expect((await outcome).status).toBe(200);
    await until(() => pids.every((pid) => !isAlive(pid)));
  });
});

describe('a start that cannot succeed', () => {
  const stdErr = (): string[] => gateway.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));

  async function ended(): Promise<number | null> {
    await gateway.exited();
    for (const stream of [gateway.child.stdout!, gateway.child.stderr!])
      if (!stream.readableEnded) await once(stream, 'end');
    return gateway.child.exitCode;
  }

  it('for a port in use says so once, and ends with 1', async () => {
    const { port, server } = await takenPort();
    spawned({ 'server.port': port, 'server.workers': 3 });
    expect(await ended()).toBe(1);
    expect(stdErr()).toEqual([expect.stringMatching(`^Sluice cannot start: 127\\.0\\.0\\.1:${port} is in use\\.`)]);
    server.close();
  });
  it('for a wrong setting says so once, and starts no worker', async () => {
    spawned({ 'gateway.refreshMs': 'x' });
    expect(await ended()).toBe(1);
    expect(stdErr()).toEqual([
      'Sluice cannot start with these settings:',
      expect.stringContaining('gateway.refreshMs'),
    ]);
  });
  it('without database.url says what to do', async () => {
    spawned({ 'database.url': '' });
    expect(await ended()).toBe(1);
    expect(stdErr().join('\n')).toContain('set database.url too, or server.workers to 1');
  });
});

describe('signals', () => {
  it('SIGHUP has every worker look at its source', async () => {
    await started({ 'gateway.refreshMs': -1 });
    gateway.child.kill('SIGHUP');
    await gateway.until(() => gateway.lines.filter(({ msg }) => msg === 'refreshing the components').length === 2);
  });
});

describe('a management listener', () => {
  it('answers for all workers', async () => {
    const management = await freePort();
    await startedElsewhere({ 'server.management.port': management });
    expect(await workers(management)).toHaveLength(2);
    const text = (await call(management, '/metrics')).text;
    expect(text).toMatch(/^sluice_workers_ready\{.*\} 2$/m);
    pidsSeen.push(...(await workers(management)).map(({ pid }) => pid));
  });
});

describeStoppedWorkers();

/** Where health details are elsewhere. */
async function startedElsewhere(settings: Readonly<Record<string, string | number>>): Promise<void> {
  spawned(settings);
  await gateway.until(() => gateway.output.includes('"msg":"all workers are ready"'), 50_000);
}

function controlStatus(socketPath: string): Promise<unknown> {
  return import('node:http').then(
    ({ get }) =>
      new Promise((resolve, reject) => {
        get({ socketPath, path: '/status', agent: false }, (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
          answer.on('end', () => resolve(JSON.parse(text)));
        }).on('error', reject);
      }),
  );
}
