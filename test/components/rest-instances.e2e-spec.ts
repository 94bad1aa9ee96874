import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DnsServer } from '../support/dns-server.js';
import { anEntry, FakeConsul } from '../support/fake-consul.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';
import { type Answers, json, RestSource } from './rest-source.js';

jest.setTimeout(60_000);

/** A REST source of several instances (spec/settings.md: every parameter of rpc without `server.`). */
let sources: RestSource[];
let gateway: TestGateway;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  sources = await Promise.all([RestSource.started(), RestSource.started()]);
  for (const source of sources) serves(source, '1');
});
afterEach(async () => {
  await gateway.stop('SIGKILL');
  await Promise.all(sources.map((source) => source.stop().catch(() => undefined)));
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

const placeOf = ({ url }: RestSource): string => url.slice('http://'.length);
const portOf = (source: RestSource): number => Number(new URL(source.url).port);
const aChannelThatSays = (version: string): object => ({
  id: 'c',
  data: {
    executor: 'rpc',
    parameters: { 'server.baseUrl': 'http://127.0.0.1:9' },
    responseHeaders: { 'X-V': version },
  },
});
/** What stands in force shows in a header. */
function serves(source: RestSource, version: string): void {
  source.records = { gateway_channel: [aChannelThatSays(version)] };
}
async function started(settings: Readonly<Record<string, string | number>>): Promise<void> {
  gateway = await TestGateway.start({
    settings: {
      ...{
        'config.loader.type': 'rest',
        'config.loader.baseUrl': 'http://config.example/base',
        'gateway.refreshMs': 100,
      },
      ...{ 'config.loader.timeout': 1500, 'gateway.id': 'g', 'log.requests': 'none' },
      ...settings,
    },
  });
}
const listed = (): string => sources.map(placeOf).join(', ');
const version = async (): Promise<unknown> =>
  (await fetch(`${gateway.url}/api/request/c/x`, { method: 'OPTIONS' })).headers.get('x-v');
const inForce = (wanted: string, boundMs?: number): Promise<void> =>
  gateway.until(async () => (await version()) === wanted, boundMs);
const failures = (): unknown[] => gateway.lines.filter(({ level }) => Number(level) >= 50);
const health = async (): Promise<string> => JSON.stringify((await gateway.health()).faults);

describe('a REST source whose instances are written down', () => {
  it('has them asked in turn, under the path and host of the base URL, with what authenticates', async () => {
    const seen: IncomingMessage[] = [];
    for (const source of sources)
      source.answers = (request, response) => {
        seen.push(request);
        json(response, source.page(request));
      };
    await started({ 'config.loader.instances': listed(), 'config.loader.token': 'hidden' });
    await until(() => sources.every(({ requests }) => requests.length > 4));
    expect(new Set(seen.map(({ headers }) => [headers.host, headers.authorization].join()))).toEqual(
      new Set(['config.example,Bearer hidden']),
    );
    expect(seen.every(({ url }) => url!.startsWith('/base/gateway_'))).toBe(true);
    expect(gateway.output).not.toContain('hidden');
  });
  it('stand in health details and metrics, each with its state', async () => {
    await started({ 'config.loader.instances': listed() });
    await inForce('1');
    const shown = async () => (await gateway.health()).backends?.find(({ system }) => system === 'config.loader');
    expect(await shown()).toMatchObject({ discovery: 'static', discoveryUp: true, inService: 2, total: 2 });
    const [gone] = sources as [RestSource];
    const address = placeOf(gone);
    await gone.stop();
    await gateway.until(async () => (await shown())?.inService === 1);
    expect((await shown())!.instances.find((each) => each.address === address)!.state).not.toBe('in service');
    const ofIt = { system: 'config.loader', state: 'in_service' };
    await gateway.until(async () => (await gateway.metric('sluice_backend_instances', ofIt)) === 1);
  });
  it('is read without a failed load when one of them goes, and asks it again when it is back', async () => {
    await started({ 'config.loader.instances': listed() });
    await inForce('1');
    const [first, second] = sources as [RestSource, RestSource];
    const port = portOf(first);
    await first.stop();
    serves(second, '2');
    await inForce('2');
    expect(failures()).toEqual([]);
    await gateway.until(() =>
      gateway.lines.some(({ system, instance }) => system === 'config.loader' && String(instance).endsWith(`:${port}`)),
    );
    sources[0] = await RestSource.started(second.records, port);
    await until(() => sources[0]!.requests.length > 0);
  });
  it('is read from the other while one takes requests and says nothing', async () => {
    await started({ 'config.loader.instances': listed() });
    await inForce('1');
    sources[0]!.answers = () => undefined;
    serves(sources[1]!, '2');
    await inForce('2');
    sources[0]!.answers = null;
    serves(sources[0]!, '2');
    await gateway.until(async () => (await health()) === '[]');
  });
  it('is read past one whose health check fails', async () => {
    const unwell: Answers = (request, response) =>
      json(response, request.url === '/up' ? {} : sources[0]!.page(request), request.url === '/up' ? 500 : 200);
    sources[0]!.answers = unwell;
    sources[1]!.answers = (request, response) => json(response, request.url === '/up' ? {} : sources[1]!.page(request));
    await started({
      ...{ 'config.loader.instances': listed(), 'config.loader.health.path': '/up' },
      'config.loader.health.intervalMs': 100,
    });
    await gateway.until(() => gateway.lines.some(({ msg }) => String(msg).includes('its health check fails')));
    const before = sources[0]!.requests.filter((line) => !line.includes('/up')).length;
    const others = sources[1]!.requests.length;
    await until(() => sources[1]!.requests.length > others + 12);
    // One may have been under way.
    expect(sources[0]!.requests.filter((line) => !line.includes('/up')).length).toBeLessThanOrEqual(before + 1);
  });
  it('that are all gone leaves everything in force, says so, and heals', async () => {
    await started({ 'config.loader.instances': listed() });
    await inForce('1');
    const ports = sources.map(portOf);
    await Promise.all(sources.map((source) => source.stop()));
    await gateway.until(async () => (await health()).includes('http://config.example/base/gateway_'));
    expect(await version()).toBe('1');
    await gateway.until(async () => /no instance that can be asked|refuses the connection/.test(await health()));
    sources = await Promise.all(
      ports.map((port) => RestSource.started({ gateway_channel: [aChannelThatSays('2')] }, port)),
    );
    await inForce('2');
    await gateway.until(async () => (await health()) === '[]');
  });
  it('may give pages that are larger than what is buffered of an answer', async () => {
    const filler = 'x'.repeat(20_000);
    const many = Array.from({ length: 90 }, (_, index) => ({
      id: `s${index}`,
      data: { executor: 'rpc', description: filler },
    }));
    for (const source of sources) source.records = { ...source.records, gateway_system: many };
    await started({ 'config.loader.instances': listed() });
    await inForce('1');
    expect(failures()).toEqual([]);
    expect(await gateway.metric('sluice_config_source_up')).toBe(1);
  });
  it('gets client credentials from whichever of them answers', async () => {
    for (const source of sources)
      source.answers = (request, response) => {
        if (request.url === '/base/token') return json(response, { access_token: 'given', expires_in: 600 });
        const isIn = request.headers.authorization === 'Bearer given';
        json(response, isIn ? source.page(request) : {}, isIn ? 200 : 401);
      };
    await started({
      ...{ 'config.loader.instances': listed(), 'config.loader.clientId': 'g', 'config.loader.secret': 'hidden' },
      'config.loader.tokenPath': 'token',
    });
    await inForce('1');
    expect(gateway.output).not.toContain('hidden');
  });
});

describe('a REST source whose instances are found', () => {
  it.each(['dns', 'srv', 'consul'] as const)(
    'by %s is read, and from where it has moved to',
    async (kind) => {
      const [first, second] = sources as [RestSource, RestSource];
      serves(second, '2');
      let settings: Record<string, string | number> = {
        'config.loader.balanced': 'true',
        'config.loader.discovery': kind,
      };
      let move: () => void;
      if (kind === 'consul') {
        const consul = await FakeConsul.start();
        opened.push(consul);
        consul.has('config', [anEntry('127.0.0.1', portOf(first))]);
        settings = { ...settings, 'config.loader.baseUrl': 'http://config', 'discovery.consul.address': consul.url };
        move = () => consul.has('config', [anEntry('127.0.0.1', portOf(second))]);
      } else {
        const dns = await DnsServer.start();
        opened.push(dns);
        // Another address, since the port is that of the base URL; Linux has all of 127/8.
        const elsewhere = createServer((request, response) => json(response, second.page(request)));
        elsewhere.listen(portOf(first), '127.0.0.9');
        await once(elsewhere, 'listening');
        opened.push({
          close: () => new Promise((resolve) => (elsewhere.closeAllConnections(), elsewhere.close(() => resolve()))),
        });
        const { port } = elsewhere.address() as AddressInfo;
        dns.has('A', 'config.test', ['127.0.0.1'], 1);
        dns.hasServices('_config._tcp.test', [{ target: 'config.test', port }]);
        const host = kind === 'dns' ? `config.test:${port}` : '_config._tcp.test';
        settings = { ...settings, 'config.loader.baseUrl': `http://${host}`, 'discovery.dns.servers': dns.address };
        move = () => void dns.has('A', 'config.test', ['127.0.0.9'], 1);
      }
      await started(settings);
      await inForce('1');
      move();
      await inForce('2', 30_000);
      expect(failures()).toEqual([]);
    },
    60_000,
  );
});

describe('bounds of a REST source', () => {
  it('stop the start with every mistake in what says where instances are', async () => {
    gateway = TestGateway.spawn({
      settings: {
        ...{ 'config.loader.type': 'rest', 'config.loader.baseUrl': 'http://h', 'gateway.id': 'g' },
        ...{ 'config.loader.instances': 'a:99999', 'config.loader.discovery': 'consul' },
      },
    });
    expect(await gateway.exited()).toBe(1);
    expect(gateway.output).toContain('config.loader.instances');
    expect(gateway.output).toContain('expected discovery.consul.address beside it');
  });
});
