/** One backend as an operator sees it. */
export interface BackendState {
  /** Id of the system; of the channel, where it holds its own. Systems of equal content share a backend, under the first one's id. */
  readonly system: string;
  /** How instances are found; null: server.baseUrl names the only one. */
  readonly discovery: string | null;
  /** False while looks for instances fail: those that were found before serve on. */
  readonly discoveryUp: boolean;
  readonly total: number;
  readonly inService: number;
  /** Calls that have not ended, those that wait for a connection among them. */
  readonly pending: number;
  /** Connections, and those of them that carry a call. */
  readonly open: number;
  readonly busy: number;
  /** Of one instance. */
  readonly maxConnections: number;
  readonly tries: Readonly<
    Record<'answered' | 'errors' | 'unreachable' | 'brokenOff' | 'timedOut' | 'abandoned' | 'moved' | 'refused', number>
  >;
  /** Times that an instance was taken out, by reason. */
  readonly ejections: Readonly<Record<'unreachable' | 'silent' | 'errors' | 'check', number>>;
  readonly instances: readonly InstanceState[];
}

export interface InstanceState {
  /** `host:port` */
  readonly address: string;
  /** `in service`, or why it is out. */
  readonly state: string;
  readonly pending: number;
}

/** One backend that serves: a system's, or that of the source of components. */
export interface BackendInForce {
  state(mostInstances: number): BackendState;
}
export const BACKENDS_IN_FORCE = Symbol('Set of BackendInForce');

/** What is known of the backends in force, for health details and metrics. */
export interface BackendStates {
  /** @param mostInstances that are listed of each */
  backends(mostInstances: number): readonly BackendState[];
}
export const BACKEND_STATES = Symbol('BackendStates');
