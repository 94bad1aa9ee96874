import type { BackendCalls } from '../../contracts/backend-calls.js';
import type { BackendInForce } from '../../contracts/backends.js';
import type { DiscoveryOptions } from '../../contracts/gateway-options.js';
import type { ReplicaInfo } from '../../contracts/replica.js';
import type { BackendLogLines } from './backend-log.js';
import { readHttpParameters } from './http-parameters.js';
import { HttpTarget } from './http-target.js';
import { ProcessHttpWiring } from './http-wiring.js';

export interface BackendSurroundings {
  /** For the log. */
  readonly name: string;
  readonly discovery: DiscoveryOptions;
  readonly replica: Pick<ReplicaInfo, 'worker' | 'workers'>;
  readonly log: BackendLogLines;
  /** Where it is shown while it is open. */
  readonly inForce: Set<BackendInForce>;
}

/**
 * Opens a backend by the parameters that a system of executor rpc has, for calls of the gateway's own. Looks for its instances at once.
 * @throws ParametersRejected
 */
export function openBackendCalls(
  parameters: ReadonlyMap<string, string>,
  surroundings: BackendSurroundings,
): BackendCalls {
  const { name, discovery, replica, log, inForce } = surroundings;
  const wiring = new ProcessHttpWiring({ discovery }, replica, log, inForce);
  const read = readHttpParameters(parameters, { maxBufferedBytes: 0, hasConsul: wiring.hasConsul });
  const target = new HttpTarget({ key: name, name }, read, wiring, () => {
    throw new Error('No channel is bound to it.');
  });
  target.begin();
  return target;
}
