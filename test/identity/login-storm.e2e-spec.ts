import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { IdentityServer } from '../../examples/identity-over-rpc/identity-server.js';
import { TestBackend } from '../support/backend.js';
import { post, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { TestGateway } from '../support/gateway.js';
import * as kit from '../support/identity-records.js';

const CLIENTS = 1000;
const LATENCY_MS = 20;
const ORDINARY_CLIENTS = 4;
/** Connections to backends that are kept, timers' own, log: they do not grow with clients. */
const SPARE_DESCRIPTORS = 150;
const MOST_HEAP_BYTES = 250_000_000;

let identity: IdentityServer;
let backend: TestBackend;
let gateway: TestGateway;
beforeAll(async () => {
  identity = await IdentityServer.start({ faults: { login: { latencyMs: LATENCY_MS } } });
  backend = await TestBackend.start();
  const world = { identityUrl: identity.baseUrl, backendUrl: backend.url };
  const roomy = { 'server.maxConnections': 50, 'server.pendingAcquireMaxCount': CLIENTS };
  const narrow = { 'server.maxConnections': 20, 'server.pendingAcquireMaxCount': 20 };
  gateway = await TestGateway.start({
    components: kit.asFile([
      ...kit.identityRecords({ ...world, providerParameters: roomy }),
      kit.aUserToken('narrow', { provider: { channel: 'auth_narrow', urls: { login: '/login' } } }),
      kit.aChannelRecord('narrow', backend.url, { authToken: 'narrow', paths: kit.PATHS }),
      kit.aChannelRecord('auth_narrow', identity.baseUrl, {
        target: '/auth/user',
        parameters: { 'server.baseUrl': identity.baseUrl, ...narrow },
      }),
    ]),
    settings: { 'throttle.auth.limit': 1_000_000 },
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await identity.close();
  await backend.close();
}, 60_000);

const descriptors = (): number => readdirSync(`/proc/${gateway.child.pid!}/fd`).length;
const heap = (): Promise<number> => gateway.metric('nodejs_heap_size_used_bytes');

/** Asks for a protected path again and again until it is told to end; ms that each took. */
async function ordinary(token: string, isOn: () => boolean): Promise<number[]> {
  const taken: number[] = [];
  while (isOn()) {
    const startedAt = performance.now();
    const { status } = await kit.ask(gateway.port, token);
    taken.push(performance.now() - startedAt);
    expect(status).toBe(200);
  }
  return taken;
}

interface Storm {
  readonly good: readonly kit.LoggedIn[];
  readonly bad: readonly CallAnswer[];
}

/** All at once, each over a connection of its own, while others go on with a token that they have. */
async function storm(channel: string): Promise<Storm> {
  const { gateway_token } = await kit.login(gateway.port);
  await kit.ask(gateway.port, gateway_token);
  const before = descriptors();
  let isOn = true;
  const others = Array.from({ length: ORDINARY_CLIENTS }, () => ordinary(gateway_token, () => isOn));
  const startedAt = performance.now();
  const body = JSON.stringify({ username: 'ada', password: 'lovelace' });
  const logins = Array.from({ length: CLIENTS }, () => post(gateway.port, `/api/auth/login/${channel}`, body));
  const answers = await Promise.all(logins);
  const tookMs = Math.round(performance.now() - startedAt);
  const mostHeap = await heap();
  isOn = false;
  const taken = (await Promise.all(others)).flat().sort((a, b) => a - b);
  const good = answers.filter(({ status }) => status === 200).map((answer) => answer.json<kit.LoggedIn>());
  const bad = answers.filter(({ status }) => status !== 200);
  process.stdout.write(
    `${CLIENTS} logins (${channel}) in ${tookMs} ms, ${bad.length} refused; heap ${Math.round(mostHeap / 1e6)} MB; ` +
      `${taken.length} ordinary requests meanwhile: p50 ${at(taken, 0.5)} ms, p99 ${at(taken, 0.99)} ms\n`,
  );
  expect(taken.length).toBeGreaterThan(10);
  expect(mostHeap).toBeGreaterThan(0);
  expect(mostHeap).toBeLessThan(MOST_HEAP_BYTES);
  // Clients' own connections are gone; those to the authentication server are kept, and bounded.
  await gateway.until(() => descriptors() <= before + SPARE_DESCRIPTORS);
  expect(await gateway.inFlight()).toBe(0);
  return { good, bad };
}

describe('a thousand clients that log in at once', () => {
  it('all get tokens where they may wait for the authentication server', async () => {
    const { good, bad } = await storm('shop');
    expect([good.length, bad.length]).toEqual([CLIENTS, 0]);
    expect(new Set(good.map((each) => each.refresh_token)).size).toBe(CLIENTS);
    for (const each of [...good.slice(0, 5), ...good.slice(-5)]) {
      expect((await kit.ask(gateway.port, each.gateway_token)).status).toBe(200);
      expect((await kit.refresh(gateway.port, each.refresh_token)).status).toBe(200);
    }
  }, 60_000);
  it('get tokens or are told to come again where they may not', async () => {
    const { good, bad } = await storm('narrow');
    expect(good.length).toBeGreaterThan(0);
    expect(bad.length).toBeGreaterThan(0);
    for (const answer of bad) {
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      expect(answer.json<ErrorAnswer>().error).toMatchObject({ code: 503, requestId: expect.any(String) });
    }
    expect((await kit.login(gateway.port, 'ada:lovelace', 'narrow')).gateway_token).toMatch(/^ey/);
  }, 60_000);
});

function at(sorted: readonly number[], part: number): string {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!.toFixed(1);
}
