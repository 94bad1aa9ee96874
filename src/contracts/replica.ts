/** Who this process is among its equals: ids, shares of limits and partitions come from it. */
export interface ReplicaInfo {
  /** Instance number of request ids (id.instanceNum.*). */
  readonly instance: string;
  /** 0-based number of this worker, and how many there are on this host. */
  readonly worker: number;
  readonly workers: number;
  /** The first local increment of request ids; each further one is larger by `workers`. */
  readonly firstIncrement: number;
  /** Suffix of request ids, empty without a partition (id.partition). */
  readonly partition: string;
}
export const REPLICA = Symbol('ReplicaInfo');
