import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { proofOf, type Proof } from '../components/soak.js';
import { freePort } from '../process/program.js';
import { TestBackend } from '../support/backend.js';
import { RunningBalancer, type BalancerKind } from '../support/balancer.js';
import { call, post } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

jest.setTimeout(300_000);

/** Ten are in `npm run soak -- --only rolling` (docs/rolling.md). */
const ROLLS = 3;
const BALANCERS: readonly BalancerKind[] = ['nginx', 'haproxy'];
/** Which balancer, and workers of a replica. */
const ROLLED: readonly (readonly [BalancerKind, number])[] = [
  ['nginx', 1],
  ['haproxy', 1],
  ['nginx', 2],
];
const rpc = '/api/request/rpc';

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

interface Setup {
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly answer?: TestBackend['handler'];
}
async function started({ settings = {}, answer }: Setup): Promise<{ gateway: TestGateway; backend: TestBackend }> {
  const backend = await TestBackend.start(answer);
  const streams = aChannel('uploads', backend.url, { executor: 'crud' });
  const components = withChannels(aChannel('rpc', backend.url), streams);
  const gateway = await TestGateway.start({ components, settings });
  closing.push(
    () => backend.close(),
    () => gateway.stop('SIGKILL'),
  );
  return { gateway, backend };
}
async function behind(kind: BalancerKind, port: number, edit?: (config: string) => string): Promise<number> {
  const other = await freePort();
  const setup = { port: await freePort(), replicas: [port, other] as const, ...(edit !== undefined && { edit }) };
  const balancer = await RunningBalancer.start(kind, setup);
  closing.push(() => balancer.stop());
  return balancer.port;
}

describe('two replicas on one Postgres, rolled under load', () => {
  /** Each has replicas, a database and ports of its own, and mostly waits: they run beside each other. */
  let proofs: readonly Promise<Proof>[];
  beforeAll(() => {
    proofs = ROLLED.map(([kind, workers]) => {
      const lengths = ['--rolls', ROLLS, '--delay', 1000, '--workers', workers].map(String);
      const proof = proofOf(`rolling-${kind}`, 1, lengths);
      proof.catch(() => undefined);
      return proof;
    });
  });
  it.each(ROLLED.map((each, index) => [...each, index] as const))(
    'behind %s, %i worker(s) each, lose no request, get no POST twice, and end with exit code 0',
    async (kind, workers, index) => {
      const { figures, complaints } = await proofs[index]!;
      process.stdout.write(`${kind}, ${workers}: ${JSON.stringify(figures)}\n`);
      expect(complaints).toEqual([]);
      expect(figures).toMatchObject({
        restarts: 2 * ROLLS,
        'exit codes that are not 0': 0,
        failed: 0,
        'POST that the runner got twice': 0,
      });
      expect(figures['requests']).toBeGreaterThan(2 * ROLLS * 100);
    },
  );
});

describe.each(BALANCERS)('the example of %s', (kind) => {
  it('tells who calls, and one request id, which a client cannot choose', async () => {
    const settings = { 'server.trustProxy': '127.0.0.1/32', 'gateway.allowRequestId': 'true' };
    const { gateway, backend } = await started({ settings });
    const port = await behind(kind, gateway.port);
    const lies = { 'X-Forwarded-For': '8.8.8.8, 203.0.113.9', 'X-Request-Id': 'mine', Forwarded: 'for=8.8.8.8' };
    await until(async () => (await call(port, `${rpc}/x`, { headers: lies })).status === 200);
    const { requestMeta } = backend.lastEvent() as unknown as { requestMeta: { id: string; origin: { ip: string } } };
    // All on the way are on this machine and trusted but the one before the client's own address, which the balancer has added.
    expect(requestMeta.origin.ip).toBe('203.0.113.9');
    expect(requestMeta.id).toMatch(/^[0-9a-f-]{32,36}$/);
  });
  it('streams uploads and answers', async () => {
    const { gateway } = await started({
      answer: (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write('data: first\n\n');
      },
    });
    const port = await behind(kind, gateway.port);
    const client = await RawClient.open(port);
    closing.push(async () => client.destroy());
    client.write('GET /api/request/uploads/x HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => client.received.includes('data: first'));
    const large = 'x'.repeat(3_000_000);
    const sent = call(port, '/api/request/uploads/x', { method: 'PUT', body: large });
    sent.catch(() => undefined);
    await until(async () => (await gateway.metric('sluice_requests_in_flight')) >= 3);
  });
  it('keeps health and metrics from clients', async () => {
    const { gateway } = await started({});
    const port = await behind(kind, gateway.port);
    for (const path of ['/health', '/health/ready', '/metrics', '/actuator/health'])
      expect([path, (await call(port, path)).status]).toEqual([path, 404]);
  });
});

interface Outcome {
  readonly status: number;
  readonly closes: boolean;
}
function ask(port: number, agent: Agent, path: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent }, (answer) => {
      const closes = answer.headers.connection === 'close';
      answer.on('error', reject).on('end', () => resolve({ status: answer.statusCode!, closes }));
      answer.resume();
    });
    sent.on('error', reject);
    sent.setHeader('Content-Type', 'application/json');
    sent.end('{}');
  });
}

/** By Linux' own table: who connects to see it may have to wait for a second. */
function isListening(port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`;
  return readFileSync('/proc/net/tcp', 'latin1').includes(local);
}

/** Nobody answers at database.url: with records in files, nothing of the database is needed. */
const several = (workers: number) => ({ 'server.workers': workers, 'database.url': 'postgres://127.0.0.1:1/none' });

describe.each([1, 2])('clients without a balancer, over kept connections, while a gateway of %i stops', (workers) => {
  it('lose nothing that was accepted, and each answer tells them to close', async () => {
    const { gateway, backend } = await started({ settings: { 'server.shutdownDelayMs': 1000, ...several(workers) } });
    const { port } = gateway;
    const failures: string[] = [];
    const late: boolean[] = [];
    let [refused, answers, toldAt] = [0, 0, Infinity];
    const clients = Array.from({ length: 24 }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let number = 0; ; number++) {
        const begun = performance.now();
        try {
          const { status, closes } = await ask(port, agent, `${rpc}/client${client}/${number}`);
          answers++;
          if (status !== 200) failures.push(`status ${status}`);
          if (begun > toldAt) late.push(closes);
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          // Nobody listens any more: the client goes elsewhere, with nothing lost.
          if (code !== 'ECONNREFUSED') failures.push(code ?? String(error));
          refused++;
          agent.destroy();
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      }
    });
    await until(() => answers > 500);
    gateway.child.kill('SIGTERM');
    // From when it is seen; the signal is under way until then.
    await until(async () => (await call(port, '/health/ready')).status === 503);
    toldAt = performance.now();
    await Promise.all(clients);
    expect(await gateway.exited()).toBe(0);
    expect(failures).toEqual([]);
    expect(refused).toBe(24);
    expect(late.length).toBeGreaterThan(200);
    expect(late.every((closes) => closes)).toBe(true);
    expect(new Set(backend.seen.map(({ url }) => url)).size).toBe(answers);
    expect(backend.seen).toHaveLength(answers);
  });
  it('get the answer to a request that they begin on a kept connection as the listener closes', async () => {
    const waits = { 'server.shutdownDelayMs': 0, 'server.shutdownGraceMs': 20_000 };
    const { gateway } = await started({ settings: { ...waits, ...several(workers) } });
    const { port } = gateway;
    const kept = await RawClient.open(port);
    kept.write(`GET ${rpc}/before HTTP/1.1\r\nHost: a\r\n\r\n`);
    await kept.answer();
    const unused = await RawClient.open(port);
    // The connection has to be accepted: it is asked on another one that came later.
    await post(port, `${rpc}/other`, '{}');
    gateway.child.kill('SIGTERM');
    await until(() => !isListening(port));
    for (const client of [kept, unused]) client.write(`GET ${rpc}/after HTTP/1.1\r\nHost: a\r\n\r\n`);
    for (const client of [kept, unused]) {
      const { status, headers } = await client.answer();
      expect([status, headers.connection]).toEqual([200, 'close']);
    }
    expect(await gateway.exited()).toBe(0);
  });
});

describe('connections that are used again at the end of server.keepAliveTimeout', () => {
  it('lose nothing behind nginx, whose own time is shorter', async () => {
    const { gateway } = await started({ settings: { 'server.keepAliveTimeout': 300 } });
    const port = await behind('nginx', gateway.port, (config) =>
      config.replace('keepalive_timeout 60s;', 'keepalive_timeout 200ms;'),
    );
    const failures: unknown[] = [];
    let answers = 0;
    // Each pauses for as long as nginx keeps its connections, a little less or a little more.
    const clients = Array.from({ length: 150 }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let number = 0; number < 30; number++) {
        const { status } = await ask(port, agent, `${rpc}/x`).catch((error: unknown) => ({ status: error }));
        if (status !== 200) failures.push(status);
        answers++;
        await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 200));
      }
      agent.destroy();
    });
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect(answers).toBe(4500);
  });
});
