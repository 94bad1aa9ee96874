import type { ReplicaInfo } from '../contracts/replica.js';
import { SettingsRejected, type SettingFault } from './faults.js';
import type { IdSettings } from './id.settings.js';
import type { Settings } from './settings.js';
import type { WorkerPlace } from './worker-place.js';

export interface Surroundings {
  readonly hostname: string;
  /** Epoch ms. */
  readonly now: number;
  /** From 0 to below 1, as Math.random. */
  readonly random: () => number;
  /** The next number of the database's sequence; null where that cannot be asked, or nobody wants it. */
  readonly sequence?: string | null;
  /** Null where this is the only process of its host. */
  readonly place?: WorkerPlace | null;
}

/** More requests than one process can serve: what a worker counts from when it takes the place of one that ended. */
const REQUESTS_OF_A_LIFE = 1_000_000_000_000;

/**
 * Who this process is among its equals.
 * @throws SettingsRejected where an ordinal is wanted and the host's name does not end in a number
 */
export function replicaFrom(settings: Pick<Settings, 'id'>, surroundings: Surroundings): ReplicaInfo {
  const { id } = settings;
  const ordinal = /(\d{1,18})$/.exec(surroundings.hostname.split('.')[0] ?? '')?.[1] ?? null;
  const faults: SettingFault[] = [];
  const needOrdinal = (property: string): string => {
    const problem = `"ordinal" needs a host name that ends in a number, and this one is ${JSON.stringify(surroundings.hostname)}`;
    if (ordinal === null) faults.push({ property, value: null, problem, source: 'host name' });
    return ordinal ?? '';
  };
  const { worker, workers, life } = surroundings.place ?? { worker: 0, workers: 1, life: 0 };
  const instance = instanceFrom(id, {
    ordinal: () => needOrdinal('id.instanceNum.class'),
    sequence: surroundings.sequence ?? null,
    epoch: epoch(surroundings, worker),
  });
  const partition = id.partition?.toLowerCase() === 'ordinal' ? needOrdinal('id.partition') : (id.partition ?? '');
  if (faults.length > 0) throw new SettingsRejected(faults);
  // An instance number that all workers have in turn tells neither them apart nor one from its successor.
  const isShared = id.instanceNumber === 'constant' || id.instanceNumber === 'ordinal';
  const firstIncrement = worker + 1 + (isShared ? life * REQUESTS_OF_A_LIFE : 0);
  return Object.freeze({ instance, worker, workers, firstIncrement, partition: partitionSuffix(partition) });
}

function instanceFrom(
  id: IdSettings,
  numbers: { readonly ordinal: () => string; readonly sequence: string | null; readonly epoch: string },
): string {
  switch (id.instanceNumber) {
    case 'constant':
      return id.constantInstance ?? '0';
    case 'ordinal':
      return String(BigInt(numbers.ordinal() || '0'));
    // A database that is away keeps no gateway from starting: the epoch is as unique.
    case 'sequence':
      return numbers.sequence ?? numbers.epoch;
    case 'epoch':
      return numbers.epoch;
  }
}

/** Digits only: ms since 1970, two or more for the worker, six random ones for processes that start in the same ms. */
function epoch({ now, random }: Surroundings, worker: number): string {
  const chance = Math.floor(random() * 1_000_000);
  return `${now}${String(worker).padStart(2, '0')}${String(chance).padStart(6, '0')}`;
}

/** A number has at least four digits (1 → 0001), any other text stands as it is. */
function partitionSuffix(partition: string): string {
  return /^\d+$/.test(partition) ? String(BigInt(partition)).padStart(4, '0') : partition;
}
