import type { DiscoveryOptions } from '../../../contracts/gateway-options.js';
import type { InstanceAddress, InstanceSource } from '../balance/instance-source.js';
import { ConsulInstances } from './consul-instances.js';
import { dnsInstances } from './dns-instances.js';
import { srvInstances } from './srv-instances.js';
import { StaticInstances } from './static-instances.js';

export interface InstanceChoice {
  readonly kind: 'static' | 'dns' | 'srv' | 'consul';
  /** The host that is looked up, or the name of the service. */
  readonly host: string;
  /** Of instances that are found by dns; srv and consul tell their own. */
  readonly port: number;
  /** Of static. */
  readonly instances: readonly InstanceAddress[];
}

/**
 * Makes where the instances of a backend are found. It looks for nothing before it is watched.
 * @throws Error for consul where no Consul is set: the parameters are checked before
 */
export function instanceSourceOf(choice: InstanceChoice, discovery: DiscoveryOptions): InstanceSource {
  const { kind, host, port, instances } = choice;
  const { consulAddress, consulToken, dnsServers } = discovery;
  switch (kind) {
    case 'static':
      return new StaticInstances(instances);
    case 'dns':
      return dnsInstances({ host, port, servers: dnsServers });
    case 'srv':
      return srvInstances({ host, servers: dnsServers });
    case 'consul':
      if (consulAddress === null) throw new Error('discovery.consul.address is not set.');
      return new ConsulInstances({ service: host, address: consulAddress, token: consulToken });
  }
}
