import type { BackendInForce, BackendState, BackendStates } from '../../contracts/backends.js';
import type { GatewayOptions } from '../../contracts/gateway-options.js';
import type { ReplicaInfo } from '../../contracts/replica.js';
import { BackendLog, type BackendLogLines } from './backend-log.js';
import type { BalancerEvents } from './balance/balancer.js';
import type { InstanceSource } from './balance/instance-source.js';
import type { Balancing } from './balance/read-balancing.js';
import { instanceSourceOf } from './discovery/instance-source-of.js';
import { shareOf } from './share.js';

/** What backends over HTTP need of the process around them. */
export interface HttpWiring {
  /** Whether `consul` can be chosen, and is where a record does not say. */
  readonly hasConsul: boolean;
  /** ms of one steady clock. */
  readonly now: () => number;
  /** This worker's part of a bound that holds for the whole replica: at least 1. */
  shareOf(bound: number): number;
  instanceSourceOf(balancing: Balancing): InstanceSource;
  /** @param name of the system, or of the channel that holds its own */
  eventsOf(name: string): BalancerEvents;
  /** Backends that serve: whoever shows their state walks over them. */
  readonly inForce: Set<BackendInForce>;
}
export const HTTP_WIRING = Symbol('HttpWiring');

/** The wiring of a process that serves. */
export class ProcessHttpWiring implements HttpWiring, BackendStates {
  readonly hasConsul: boolean;

  constructor(
    private readonly options: Pick<GatewayOptions, 'discovery'>,
    private readonly replica: Pick<ReplicaInfo, 'worker' | 'workers'>,
    private readonly log: BackendLogLines,
    readonly inForce: Set<BackendInForce>,
  ) {
    this.hasConsul = options.discovery.consulAddress !== null;
  }

  now(): number {
    return performance.now();
  }

  shareOf(bound: number): number {
    return shareOf(bound, this.replica);
  }

  instanceSourceOf(balancing: Balancing): InstanceSource {
    return instanceSourceOf(balancing, this.options.discovery);
  }

  eventsOf(name: string): BalancerEvents {
    return new BackendLog(this.log, name);
  }

  backends(mostInstances: number): readonly BackendState[] {
    return [...this.inForce].map((target) => target.state(mostInstances));
  }
}
