import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { IdentityServer } from '../../examples/identity-over-rpc/identity-server.js';
import type { Fault } from '../../examples/identity-over-rpc/faults.js';
import { TestBackend } from '../support/backend.js';
import type { CallAnswer } from '../support/call.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';
import * as kit from '../support/identity-records.js';

// The first login opens the embedded database.
jest.setTimeout(30_000);

const ACTIONS = ['login', 'register', 'refresh', 'resolve', 'validate', 'logout', 'resolveKey'];
const SESSION_ACTIONS = ['touch', 'extend', 'extendList', 'stitch', 'expire'];
const LOGINS = 100;
const REQUESTS = 300;
/** Of the authentication server's silence a request may not notice more than this, far below its 5 s. */
const MOST_MS = 1000;
/** A login waits for its session, for a while. */
const MOST_LOGIN_MS = 10_000;

let identity: IdentityServer;
let backend: TestBackend;
let gateway: TestGateway;
let token: string;
beforeAll(async () => {
  identity = await IdentityServer.start();
  backend = await TestBackend.start();
  const world = { identityUrl: identity.baseUrl, backendUrl: backend.url };
  gateway = await TestGateway.start({
    components: kit.asFile(kit.identityRecords(world)),
    settings: { 'throttle.auth.limit': 100_000 },
  });
  token = (await kit.login(gateway.port)).gateway_token;
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await identity.close();
  await backend.close();
}, 60_000);

/** Ms that each of many requests took, one after the other; all of them served. */
async function times(): Promise<number[]> {
  const taken: number[] = [];
  for (let request = 0; request < REQUESTS; request++) {
    const startedAt = performance.now();
    const { status } = await kit.ask(gateway.port, token);
    taken.push(performance.now() - startedAt);
    expect(status).toBe(200);
  }
  return taken.sort((a, b) => a - b);
}
const note = (what: string, sorted: readonly number[]): void =>
  void process.stdout.write(
    `${what}: p50 ${sorted[REQUESTS / 2]!.toFixed(1)} ms, p99 ${sorted[Math.floor(REQUESTS * 0.99)]!.toFixed(1)} ms\n`,
  );
const basic = { authorization: `Basic ${Buffer.from('ada:lovelace').toString('base64')}` };
const logIn = (): Promise<CallAnswer> => kit.flow(gateway.port, 'login/shop', {}, basic);

describe('requests with good tokens, while the authentication server', () => {
  afterEach(() => {
    for (const action of [...ACTIONS, ...SESSION_ACTIONS]) identity.setFault(action, null);
  });

  it.each<[string, Fault, number]>([
    ['is silent', { answer: 'hang' }, 504],
    ['is slow', { latencyMs: 1500 }, 200],
    ['answers garbage', { answer: 'garbage' }, 502],
    ['answers HTML', { answer: 'html' }, 502],
    ['answers 500', { answer: 'error' }, 502],
    ['breaks off', { answer: 'reset' }, 502],
  ])('%s, are served as ever, and logins get a clear answer', async (name, fault, expected) => {
    for (const action of ACTIONS) identity.setFault(action, fault);
    const logins = Promise.all(Array.from({ length: LOGINS }, logIn));
    const sorted = await times();
    note(`requests while the authentication server ${name}`, sorted);
    expect(sorted.at(-1)).toBeLessThan(MOST_MS);
    const answers = await logins;
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([expected]));
    for (const action of ACTIONS) identity.setFault(action, null);
    expect((await logIn()).status).toBe(200);
  });
  it('and the session server are gone, are served, and logins go on when they are back', async () => {
    const { port } = identity;
    await identity.close();
    try {
      expect((await logIn()).status).toBe(502);
      note('requests while the authentication and the session server are gone', await times());
    } finally {
      identity = await IdentityServer.start({ port });
    }
    await until(async () => (await logIn()).status === 200);
  });
});

describe('requests with good tokens whose session nobody knows yet, while the session server is silent', () => {
  afterAll(() => SESSION_ACTIONS.forEach((action) => identity.setFault(action, null)));

  it('are served without a session, and later ones do not wait for it', async () => {
    for (const action of SESSION_ACTIONS) identity.setFault(action, { answer: 'hang' });
    const startedAt = performance.now();
    const { gateway_token } = await kit.login(gateway.port, 'bob:builder');
    process.stdout.write(`a login without a session: ${Math.round(performance.now() - startedAt)} ms\n`);
    expect(performance.now() - startedAt).toBeLessThan(MOST_LOGIN_MS);
    for (let request = 0; request < 50; request++) {
      const askedAt = performance.now();
      expect((await kit.ask(gateway.port, gateway_token)).status).toBe(200);
      expect(performance.now() - askedAt).toBeLessThan(MOST_MS);
    }
  });
});
