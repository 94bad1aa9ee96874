import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sendJson, TestBackend } from '../support/backend.js';
import { call, type CallAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { DnsServer } from '../support/dns-server.js';
import { anEntry, FakeConsul } from '../support/fake-consul.js';
import { TestGateway } from '../support/gateway.js';
import { describeHangingConsul, hangConsul } from './hanging-consul-suite.js';

let backends: readonly TestBackend[];
let dns: DnsServer;
let consul: FakeConsul;
let gateway: TestGateway;
/** A port of the loopback range where nobody listens. */
const NOBODY = 'http://127.0.0.1:9';

const rpc = (id: string, baseUrl: string, parameters: Record<string, string | number>): Record<string, unknown> =>
  aChannel(id, baseUrl, { parameters });
const balanced = { 'server.balanced': 'true' };

hangConsul();
beforeAll(async () => {
  [backends, dns, consul] = await Promise.all([
    Promise.all([1, 2, 3].map(() => TestBackend.start())),
    DnsServer.start(),
    FakeConsul.start(),
  ]);
  const [a, b] = backends as [TestBackend, TestBackend];
  dns.has('A', 'orders.test', ['127.0.0.1'], 1);
  dns.hasServices('_orders._tcp.test', [{ target: 'orders.test', port: a.port }]);
  consul.has('orders', [anEntry('127.0.0.1', a.port)]);
  gateway = await TestGateway.start({
    settings: { 'log.requests': 'none', 'discovery.dns.servers': dns.address, 'discovery.consul.address': consul.url },
    components: withChannels(
      rpc('listed', 'http://orders.example:8080/base', {
        'server.instances': ` http://127.0.0.1:${a.port}/ignored , 127.0.0.1:${b.port}`,
      }),
      rpc('half', 'http://orders.example', { 'server.instances': `127.0.0.1:${a.port},127.0.0.1:9` }),
      rpc('gone', 'http://orders.example', { 'server.instances': '127.0.0.1:9', 'server.retryAfter503': 7 }),
      rpc('declined', a.url, { 'server.balanced': 'false', 'server.instances': '127.0.0.1:9' }),
      rpc('dns', `http://orders.test:${a.port}`, { ...balanced, 'server.discovery': 'dns' }),
      rpc('srv', 'http://_orders._tcp.test', { ...balanced, 'server.discovery': 'srv' }),
      rpc('consul', 'http://orders', balanced),
      rpc('nobody', 'http://nobody', { ...balanced, 'server.retryAfter503': 11 }),
      rpc('thousand', 'http://orders.example', {
        'server.connectionTimeout': 500,
        'server.instances': [
          ...Array.from({ length: 998 }, (_, index) => `127.1.${index >> 8}.${index & 255}:${a.port}`),
          ...[`127.0.0.1:${a.port}`, `127.0.0.1:${b.port}`],
        ].join(','),
      }),
      rpc('alone', NOBODY, {}),
    ),
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await Promise.all([...backends.map((backend) => backend.close()), dns.close(), consul.close()]);
}, 60_000);
beforeEach(() => {
  for (const backend of backends) {
    backend.seen.length = 0;
    backend.handler = (request, response) => sendJson(response, request.body);
  }
});

const get = (channel: string): Promise<CallAnswer> => call(gateway.port, `/api/request/${channel}/x`);
const seen = (): number[] => backends.map((backend) => backend.seen.length);
async function times(count: number, channel: string): Promise<CallAnswer[]> {
  const answers: CallAnswer[] = [];
  for (let index = 0; index < count; index++) answers.push(await get(channel));
  return answers;
}
const statuses = (answers: readonly CallAnswer[]): number[] => [...new Set(answers.map(({ status }) => status))];
/** Polls the channel until a call of its answers so. */
const answers = (channel: string, status: number): Promise<void> =>
  gateway.until(async () => (await get(channel)).status === status);

describe('instances that a system lists', () => {
  it('share its calls', async () => {
    expect(statuses(await times(20, 'listed'))).toEqual([200]);
    expect(seen()).toEqual([10, 10, 0]);
  });
  it('are called by the path of server.baseUrl, and told its host', async () => {
    await times(2, 'listed');
    const all = backends.flatMap((backend) => backend.seen);
    expect(all.map(({ url, headers }) => [url, headers.host])).toEqual([
      ...[
        ['/base/api/x', 'orders.example:8080'],
        ['/base/api/x', 'orders.example:8080'],
      ],
    ]);
  });
  it('that refuse connections cost no call while another serves', async () => {
    expect(statuses(await times(10, 'half'))).toEqual([200]);
    const state = { system: 'half', state: 'in_service' };
    expect(await gateway.metric('sluice_backend_instances', state)).toBe(1);
    expect(await gateway.metric('sluice_backend_ejections_total', { system: 'half' })).toBe(1);
  });
  it('are not asked where server.balanced is false', async () => {
    expect((await get('declined')).status).toBe(200);
  });
  it('may be a thousand, most of them nowhere: no call is lost on those', async () => {
    expect(statuses(await Promise.all(Array.from({ length: 20 }, () => get('thousand'))))).toEqual([200]);
    const health = (await gateway.health()) as unknown as { backends: { system: string; instances: unknown[] }[] };
    const shown = health.backends.find(({ system }) => system === 'thousand')!;
    expect(shown.instances.length).toBeLessThanOrEqual(50);
    expect(shown).toMatchObject({ total: 1000, discovery: 'static' });
  }, 30_000);
});

describe('a balanced system of which no instance can be reached', () => {
  it('is 502 for the call that found it out, then 503 with its Retry-After', async () => {
    const found = await times(3, 'gone');
    expect(found.map(({ status }) => status).slice(1)).toEqual([503, 503]);
    expect(found[1]!.headers['retry-after']).toBe('7');
    expect(found[1]!.json()).toMatchObject({
      error: { code: 503, message: 'no instance of the backend is in service' },
    });
  });
  it('is shown in the details of health, what is wrong first', async () => {
    await get('gone');
    const { backends: shown } = (await gateway.health()) as unknown as { backends: Record<string, unknown>[] };
    expect(shown.find(({ system }) => system === 'gone')).toMatchObject({
      ...{ discovery: 'static', inService: 0, total: 1 },
      instances: [{ address: '127.0.0.1:9', state: 'unreachable' }],
    });
  });
});

describe('a system that is not balanced', () => {
  it('is 502 as long as its backend cannot be reached: there is nothing else to ask', async () => {
    expect(statuses(await times(5, 'alone'))).toEqual([502]);
  });
});

describe.each(['dns', 'srv', 'consul'] as const)('instances by %s', (kind) => {
  /** Lets that registry say that there are these. */
  function has(ports: readonly number[]): void {
    if (kind === 'consul')
      consul.has(
        'orders',
        ports.map((port) => anEntry('127.0.0.1', port)),
      );
    if (kind === 'srv') {
      if (ports.length === 0) dns.does('SRV', '_orders._tcp.test', 'NXDOMAIN');
      else
        dns.hasServices(
          '_orders._tcp.test',
          ports.map((port) => ({ target: 'orders.test', port })),
        );
    }
    // By dns the port is that of server.baseUrl: the address alone changes.
    if (kind === 'dns') {
      if (ports.length === 0) dns.does('A', 'orders.test', 'NXDOMAIN');
      else
        dns.has(
          'A',
          'orders.test',
          ports.map((_, index) => `127.0.0.${index + 1}`),
          1,
        );
    }
  }
  function fails(isOn: boolean): void {
    if (kind === 'consul') {
      consul.fault = isOn ? 'error' : null;
      consul.wake();
    } else if (isOn) {
      for (const [type, name] of [
        ['SRV', '_orders._tcp.test'],
        ['A', 'orders.test'],
        ['AAAA', 'orders.test'],
      ] as const)
        dns.does(type, name, 'SERVFAIL');
    } else {
      dns.forget('AAAA', 'orders.test');
      dns.has('A', 'orders.test', ['127.0.0.1'], 1);
    }
  }
  const first = (): number => backends[0]!.port;

  it('are found', async () => {
    expect(statuses(await times(5, kind))).toEqual([200]);
    expect(seen()).toEqual([5, 0, 0]);
  });
  it('serve on while looking for them fails, which is shown', async () => {
    fails(true);
    await gateway.until(async () => (await gateway.metric('sluice_backend_discovery_up', { system: kind })) === 0);
    expect(statuses(await times(5, kind))).toEqual([200]);
    fails(false);
    has([first()]);
    await gateway.until(async () => (await gateway.metric('sluice_backend_discovery_up', { system: kind })) === 1);
  }, 60_000);
  it('vanish and return', async () => {
    has([]);
    await answers(kind, 503);
    has([first()]);
    await answers(kind, 200);
  }, 60_000);
  // By dns the port is that of server.baseUrl: another instance would need another address.
  if (kind === 'dns') return;
  it('change', async () => {
    has([backends[1]!.port]);
    await gateway.until(async () => (await get(kind)).status === 200 && backends[1]!.seen.length > 0);
    backends[0]!.seen.length = 0;
    await times(4, kind);
    expect(backends[0]!.seen).toEqual([]);
  }, 60_000);
});

describe('a service that nobody knows', () => {
  it('is 503 with its Retry-After', async () => {
    const answer = await get('nobody');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '11']);
  });
});

describeHangingConsul();
