import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestBackend } from '../support/backend.js';
import { call, type CallAnswer } from '../support/call.js';
import { aChannel } from '../support/channels.js';
import { FakeIssuer, type IssuerFault } from '../support/fake-issuer.js';
import { bearer, said } from '../support/flow-answers.js';
import { TestGateway } from '../support/gateway.js';
import { anIssuerKey } from '../support/issuer-key.js';
import { until } from '../support/until.js';

const FAULTS: readonly IssuerFault[] = [
  ...(['silent', 'drop', 'error', 'html', 'half', 'huge', 'redirect', 'empty', 'notUtf8', 'drip'] as const),
];
const CLAIMS = [{ name: 'sub', source: 'user.id', special: 'ORIGIN_ID' }];
const issuers = new Map<string, FakeIssuer>();
let backend: TestBackend;
let gateway: TestGateway;

/** A token record, and a channel, for each issuer. */
async function started(): Promise<Record<string, unknown>> {
  issuers.set('rotating', await FakeIssuer.start());
  issuers.set('rfc8414', await FakeIssuer.start({ kind: 'oauth', path: '/tenant' }));
  issuers.set('away', await FakeIssuer.start());
  issuers.set('liar', await FakeIssuer.start());
  issuers.get('liar')!.document = { issuer: issuers.get('rotating')!.issuer };
  for (const fault of FAULTS) {
    const issuer = await FakeIssuer.start();
    issuer.fault = fault;
    issuers.set(fault, issuer);
  }
  await issuers.get('away')!.stop();
  const ids = [...issuers.keys()];
  const external = (id: string) => ({ issuer: issuers.get(id)!.issuer, audience: ['api'] });
  return {
    tokens: ids.map((id) => ({ id, canIgnore: id === 'away', claims: CLAIMS, external: external(id) })),
    channels: ids.map((id) =>
      aChannel(id, backend.url, { authToken: id, paths: { any: {}, open: { isPublic: true } } }),
    ),
  };
}

beforeAll(async () => {
  backend = await TestBackend.start();
  gateway = await TestGateway.start({ components: { 'all.json': await started() } });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await Promise.all([backend.close(), ...[...issuers.values()].map((issuer) => issuer.stop())]);
}, 60_000);

const get = (at: string, token: string): Promise<CallAnswer> =>
  call(gateway.port, `/api/request/${at}`, { headers: bearer(token) });
const warnings = async (id: string): Promise<unknown[]> =>
  (await gateway.health()).faults.filter((each) => each.id === id && each.pointer === '/external/issuer');

describe('an issuer that is away when the gateway starts', () => {
  it('is a warning; its tokens are 503 until it is back, and never 401', async () => {
    const issuer = issuers.get('away')!;
    const token = await issuer.token();
    for (const at of ['away/any', 'away/open']) {
      const answer = await get(at, token);
      expect(said(answer)).toEqual([503, 'the token cannot be checked now: the keys of its issuer cannot be had']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(5);
    }
    expect(await warnings('away')).toMatchObject([
      { severity: 'warning', code: 17003, message: expect.stringContaining('refuses the connection') },
    ]);
    expect((await gateway.health()).faults.filter(({ severity }) => severity === 'fault')).toEqual([]);
    await issuer.restart();
    const seen = new Set<number>();
    await until(async () => {
      const { status } = await get('away/any', token);
      seen.add(status);
      return status === 200;
    });
    expect([...seen].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    await until(async () => (await warnings('away')).length === 0);
  }, 60_000);
  it('keeps its known keys when it goes later', async () => {
    const issuer = issuers.get('away')!;
    await until(async () => (await get('away/any', await issuer.token())).status === 200);
    await issuer.stop();
    // One that nobody has met: it is checked by the keys that are kept.
    expect((await get('away/any', await issuer.token({ jti: 'later' }))).status).toBe(200);
    const unknown = await anIssuerKey('ES256').sign(issuer.claims());
    await until(async () => (await get('away/any', unknown)).status === 503);
    await until(async () => (await warnings('away')).length === 1);
    expect((await get('away/any', await issuer.token({ jti: 'last' }))).status).toBe(200);
  }, 60_000);
});

async function failsAndMends(fault: IssuerFault): Promise<void> {
  const issuer = issuers.get(fault)!;
  const token = await issuer.token();
  const answer = await get(`${fault}/any`, token);
  expect([fault, answer.status, answer.headers['retry-after']]).toEqual([fault, 503, expect.stringMatching(/^[1-5]$/)]);
  await until(async () => (await warnings(fault)).length === 1);
  expect(JSON.stringify(await warnings(fault))).not.toMatch(/hunter2|doctype/);
  issuer.fault = null;
  await until(async () => (await get(`${fault}/any`, token)).status === 200);
}

describe('an issuer that fails', () => {
  it('leaves its tokens at 503 until it is well, whatever is wrong', async () => {
    await Promise.all(FAULTS.map((fault) => failsAndMends(fault)));
  }, 60_000);
  it('is asked no more often than every 5 s, however many tokens come', async () => {
    const issuer = issuers.get('rotating')!;
    await until(async () => (await get('rotating/any', await issuer.token())).status === 200);
    const before = issuer.keyReads;
    const begun = performance.now();
    const forged = await Promise.all(Array.from({ length: 40 }, () => anIssuerKey('ES256').sign(issuer.claims())));
    const answers = await Promise.all(forged.map((token) => get('rotating/any', token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(issuer.keyReads - before).toBeLessThanOrEqual(1 + Math.floor((performance.now() - begun) / 5000));
  }, 60_000);
  it("does not lend another issuer's keys: its document must name it", async () => {
    const liar = issuers.get('liar')!;
    liar.keys = issuers.get('rotating')!.keys;
    expect((await get('liar/any', await liar.token())).status).toBe(503);
    expect(await warnings('liar')).toMatchObject([{ message: expect.stringContaining('to the letter') }]);
    expect(liar.keyReads).toBe(0);
  });
  it('may have the document of RFC 8414 alone', async () => {
    const issuer = issuers.get('rfc8414')!;
    expect((await get('rfc8414/any', await issuer.token())).status).toBe(200);
    expect(issuer.asked.slice(0, 3)).toEqual([
      '/tenant/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/tenant',
      '/tenant/jwks',
    ]);
  });
});

describe('keys that rotate while requests run', () => {
  it('are taken up, and those that are withdrawn count no more, known tokens included', async () => {
    const issuer = issuers.get('rotating')!;
    const old = await issuer.token({ jti: 'old' });
    await until(async () => (await get('rotating/any', old)).status === 200);
    const oldKey = issuer.key;
    const failed: number[] = [];
    let isOn = true;
    const clients = Array.from({ length: 4 }, async (_, client) => {
      for (let number = 0; isOn; number++) {
        // One that is known and one that is not, by the key that has been there all the time.
        const fresh = await oldKey.sign(issuer.claims({ jti: `${client}-${number}` }));
        for (const token of [old, fresh]) {
          const { status } = await get('rotating/any', token);
          if (status !== 200 && isOn) failed.push(status);
        }
      }
    });
    for (const algorithm of ['RS256', 'EdDSA']) {
      // Slow, but well: requests wait for it.
      issuer.delayMs = 300;
      issuer.rotate(algorithm);
      const next = await issuer.token();
      await until(async () => (await get('rotating/any', next)).status === 200);
    }
    isOn = false;
    await Promise.all(clients);
    expect(failed).toEqual([]);
    issuer.keys = [anIssuerKey('ES384')];
    const last = await issuer.token();
    await until(async () => (await get('rotating/any', last)).status === 200);
    expect(said(await get('rotating/any', old))).toEqual([401, 'invalid token']);
    expect(await gateway.metric('sluice_issuer_reads_total')).toBeGreaterThan(0);
    expect(await gateway.metric('sluice_issuers_away')).toBeGreaterThanOrEqual(1);
  }, 90_000);
});

it('an issuer with TLS is asked where its certificate is of an authority that is known', async () => {
  const pem = (name: string): string => join(import.meta.dirname, '../support/certificates', name);
  const tls = { cert: readFileSync(pem('server.pem'), 'utf8'), key: readFileSync(pem('server.key'), 'utf8') };
  const issuer = await FakeIssuer.start({ tls });
  const external = { issuer: issuer.issuer, audience: ['api'] };
  const all = {
    tokens: [{ id: 't', external }],
    channels: [aChannel('t', backend.url, { authToken: 't', paths: { any: {} } })],
  };
  const status = async (authority: string): Promise<[number, unknown[]]> => {
    const other = await TestGateway.start({
      components: { 'all.json': all },
      env: { NODE_EXTRA_CA_CERTS: pem(authority) },
    });
    const answer = await call(other.port, '/api/request/t/any', { headers: bearer(await issuer.token()) });
    const { faults } = await other.health();
    await other.stop();
    return [answer.status, faults.map(({ message }) => message)];
  };
  expect(await status('authority.pem')).toEqual([200, []]);
  expect(await status('other-authority.pem')).toEqual([
    503,
    [expect.stringContaining('has a certificate that is not trusted')],
  ]);
  await issuer.stop();
}, 60_000);

it('a gateway ends at once while an issuer is silent', async () => {
  const silent = await FakeIssuer.start();
  silent.fault = 'silent';
  const external = { issuer: silent.issuer, audience: ['api'] };
  const all = { tokens: [{ id: 't', external }], channels: [aChannel('t', backend.url, { authToken: 't' })] };
  const other = await TestGateway.start({ components: { 'all.json': all } });
  await until(() => silent.asked.length > 0);
  const begun = performance.now();
  expect(await other.stop()).toBe(0);
  expect(performance.now() - begun).toBeLessThan(4000);
  await silent.stop();
}, 60_000);
