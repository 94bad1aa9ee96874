import { afterEach, describe, expect, it } from '@jest/globals';
import { DnsServer } from '../../../../test/support/dns-server.js';
import { anEntry, FakeConsul } from '../../../../test/support/fake-consul.js';
import { anAddress, ToldInstances } from '../../../../test/support/told-instances.js';
import { until } from '../../../../test/support/until.js';
import type { DiscoveryOptions } from '../../../contracts/gateway-options.js';
import { type InstanceChoice, instanceSourceOf } from './instance-source-of.js';

const NOWHERE: DiscoveryOptions = { consulAddress: null, consulToken: null, dnsServers: [] };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function foundBy(choice: Partial<InstanceChoice>, discovery: DiscoveryOptions = NOWHERE): Promise<unknown> {
  const given: InstanceChoice = { kind: 'static', host: 'orders.test', port: 8080, instances: [], ...choice };
  const source = instanceSourceOf(given, discovery);
  closing.push(() => source.close());
  const listener = new ToldInstances();
  source.watch(listener);
  await until(() => listener.told.length > 0);
  return listener.told[0];
}

async function dnsServer(): Promise<DnsServer> {
  const server = await DnsServer.start();
  closing.push(() => server.close());
  return server;
}

describe('the instances of a backend', () => {
  it('are a list', async () => {
    expect(await foundBy({ kind: 'static', instances: [anAddress('a')] })).toEqual(['a:80']);
  });
  it('are in DNS, on the port of the backend', async () => {
    const server = await dnsServer();
    server.has('A', 'orders.test', ['10.0.0.1']);
    expect(await foundBy({ kind: 'dns' }, { ...NOWHERE, dnsServers: [server.address] })).toEqual(['10.0.0.1:8080']);
  });
  it('are in SRV records, on ports of their own', async () => {
    const server = await dnsServer();
    server.hasServices('orders.test', [{ target: 'a.test', port: 81 }]);
    server.has('A', 'a.test', ['10.0.0.1']);
    expect(await foundBy({ kind: 'srv' }, { ...NOWHERE, dnsServers: [server.address] })).toEqual(['10.0.0.1:81']);
  });
  it('are in Consul, where the host names a service', async () => {
    const consul = await FakeConsul.start();
    closing.push(() => consul.close());
    consul.token = 'hunter2';
    consul.has('orders.test', [anEntry('a', 81)]);
    const discovery = { ...NOWHERE, consulAddress: consul.url, consulToken: 'hunter2' };
    expect(await foundBy({ kind: 'consul' }, discovery)).toEqual(['a:81']);
  });
  it('cannot be in a Consul that is not set', () => {
    expect(() => instanceSourceOf({ kind: 'consul', host: 'a', port: 80, instances: [] }, NOWHERE)).toThrow(
      'discovery.consul.address is not set.',
    );
  });
});
