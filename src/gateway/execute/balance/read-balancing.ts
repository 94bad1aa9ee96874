import { readInstances } from '../../../contracts/read-instances.js';
import type { ParameterReader } from '../parameters.js';
import type { InstanceAddress } from './instance-source.js';

export type DiscoveryKind = 'static' | 'dns' | 'srv' | 'consul';

/** How the instances of a backend are found. */
export interface Balancing {
  readonly kind: DiscoveryKind;
  /** The host of server.baseUrl: the name of the service. */
  readonly host: string;
  /** Of instances that are found without one. */
  readonly port: number;
  /** What every instance is told as Host: the service, whatever its own address is. */
  readonly authority: string;
  /** Of `static`. */
  readonly instances: readonly InstanceAddress[];
}

const KINDS: readonly DiscoveryKind[] = ['static', 'dns', 'srv', 'consul'];

/** Null where server.baseUrl names the one instance there is. Instances that are written down are meant to be used. */
export function readBalancing(reader: ParameterReader, url: URL, hasConsul: boolean): Balancing | null {
  const written = reader.text('server.instances') ?? '';
  const hasInstances = written.trim() !== '';
  const isBalanced = reader.boolean('server.balanced');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const { addresses, faults } = hasInstances ? readInstances(written, port) : { addresses: [], faults: [] };
  for (const fault of faults) reader.fault('server.instances', fault);
  const kind = readKind(reader, hasConsul ? 'consul' : 'dns', hasInstances);
  const isDeclined = reader.text('server.balanced') !== null && !isBalanced;
  if (isDeclined || (!isBalanced && !hasInstances)) return null;
  if (kind === 'consul' && !hasConsul)
    reader.fault('server.discovery', 'is consul, and the setting discovery.consul.address is not set');
  if (kind === 'static' && !hasInstances)
    reader.fault('server.discovery', 'is static, and server.instances is missing');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { kind, host, port, authority: url.host, instances: addresses };
}

function readKind(reader: ParameterReader, otherwise: DiscoveryKind, hasInstances: boolean): DiscoveryKind {
  const text = reader.text('server.discovery')?.trim().toLowerCase() ?? '';
  if (text === '') return hasInstances ? 'static' : otherwise;
  const kind = KINDS.find((each) => each === text);
  if (kind === undefined) reader.fault('server.discovery', `must be ${KINDS.slice(0, -1).join(', ')} or consul`);
  return kind ?? otherwise;
}
