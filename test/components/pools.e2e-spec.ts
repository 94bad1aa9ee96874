import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { call } from '../support/call.js';
import { TestBackend } from '../support/backend.js';
import { TestGateway } from '../support/gateway.js';
import { applyTo } from '../storage/control.js';
import { ConfigServer, type Served } from './config-server.js';

jest.setTimeout(120_000);

interface Changing {
  readonly settings: Readonly<Record<string, string | number>>;
  readonly set: (gateway: TestGateway, records: Served) => Promise<void>;
  readonly end: () => Promise<void>;
}

async function restSource(): Promise<Changing> {
  const server = await ConfigServer.at({});
  await server.start();
  return { settings: server.settings, set: (_, records) => server.set(records), end: () => server.kill() };
}

async function database(): Promise<Changing> {
  await Promise.resolve();
  const set = async ({ home }: TestGateway, { gateway_system, gateway_channel }: Served): Promise<void> => {
    const given = (kind: 'system' | 'channel', records: readonly unknown[] = []) =>
      (records as { id: string; data: Record<string, unknown> }[]).map((record) => ({ kind, ...record }));
    const outcome = await applyTo(`${home}/data`, [
      ...given('system', gateway_system),
      ...given('channel', gateway_channel),
    ]);
    expect(outcome.state).toBe('done');
  };
  return { settings: { 'config.loader.type': 'database' }, set, end: () => Promise.resolve() };
}

let backend: TestBackend;
let connections: number;
let gateway: TestGateway;
let source: Changing;
beforeEach(async () => {
  backend = await TestBackend.start();
  connections = 0;
  backend.server.on('connection', () => connections++);
});
afterEach(async () => {
  await gateway.stop('SIGKILL');
  await source.end();
  await backend.close();
});

/** A system whose connections are looked at; what is in force shows in a header. */
const records = (version: string, system: object, parameters: object = {}): Served => ({
  gateway_system: [
    { id: 's', data: { executor: 'rpc', parameters: { 'server.baseUrl': backend.url, ...parameters }, ...system } },
  ],
  gateway_channel: [
    {
      id: 'c',
      data: {
        system: 's',
        target: '/api',
        paths: { '*': { isPublic: true } },
        responseHeaders: { 'x-version': version },
      },
    },
  ],
});
const version = async (): Promise<unknown> => (await call(gateway.port, '/api/request/c/x')).headers['x-version'];
async function inForce(wanted: string, given: Served): Promise<void> {
  await source.set(gateway, given);
  await gateway.until(async () => (await version()) === wanted);
}

describe.each([
  ['a REST source', restSource],
  ['the database', database],
])('connections to a backend, when %s changes', (_, make) => {
  it('are kept where the system says the same in another record, and made anew where it does not', async () => {
    source = await make();
    gateway = await TestGateway.start({ settings: source.settings });
    await inForce('1', records('1', {}));
    expect(connections).toBe(1);
    await inForce('2', records('2', { name: 'renamed', description: 'written anew' }));
    await inForce('3', records('3', { executor: 'RPCExecutor', status: 'A' }));
    expect(connections).toBe(1);
    await inForce('4', records('4', {}, { 'server.connectionTimeout': 9999 }));
    expect(connections).toBe(2);
  });
});
