import { Pool } from 'undici';
import { Instance, instanceKey } from './balance/instance.js';
import type { InstanceAddress } from './balance/instance-source.js';
import type { HttpParameters } from './http-parameters.js';

/** What the pools of one backend have in common, besides its parameters. */
export interface PoolRules {
  /** This worker's part of server.maxConnections. */
  readonly maxConnections: number;
  /** Told of each connection that is opened. */
  readonly connected: (() => void) | undefined;
}

/** An instance whose pool is made by its first call. */
export function newInstance(address: InstanceAddress, parameters: HttpParameters, rules: PoolRules): Instance {
  const { scheme, balancing, origin } = parameters;
  const own = balancing === null ? origin : `${scheme}//${instanceKey(address)}`;
  return new Instance(address, own, (of) => newPool(of, parameters, rules));
}

/** How connections are made: by pools, and by looks beside them. */
export function connectOptions({ connectTimeoutMs, tls }: HttpParameters): { readonly timeout: number } {
  return { timeout: connectTimeoutMs, ...tls };
}

/** Of a backend that is not balanced. */
export function onlyAddress(origin: string): InstanceAddress {
  const { hostname, port, protocol } = new URL(origin);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    weight: 1,
    priority: 0,
  };
}

function newPool(origin: string, parameters: HttpParameters, { maxConnections, connected }: PoolRules): Pool {
  const pool = new Pool(origin, {
    connections: maxConnections,
    pipelining: 1,
    keepAliveTimeout: parameters.maxIdleMs,
    // A server may name a shorter idle time, never a longer one.
    keepAliveMaxTimeout: parameters.maxIdleMs,
    ...(parameters.maxLifeMs === null ? {} : { clientTtl: parameters.maxLifeMs }),
    connect: connectOptions(parameters),
    // One timer of ours bounds each try; undici's are coarser, and would be two more.
    headersTimeout: 0,
    bodyTimeout: 0,
    // HTTP/2 has no limit of connections in this sense.
    allowH2: false,
  });
  if (connected !== undefined) pool.on('connect', () => connected());
  return pool;
}
