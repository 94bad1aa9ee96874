import { instanceKey, type Instance } from './instance.js';
import type { InstanceAddress, InstanceListener } from './instance-source.js';
import type { OutReason } from './instance-health.js';
import type { Found } from './prober.js';

/** What an operator hears of the instances of one backend. */
export interface BalancerEvents {
  /** Times that an instance was taken out. */
  readonly ejections: Readonly<Record<OutReason, number>>;
  takenOut(instance: Instance, reason: OutReason): void;
  backInService(instance: Instance): void;
  discoveryFailed(reason: string): void;
  discoveryBack(): void;
  /** The list in force changed; also a first one that is empty. */
  changed(instances: number): void;
}

/** Of backends that nobody watches. */
export const SILENT_EVENTS: BalancerEvents = {
  ejections: { unreachable: 0, silent: 0, errors: 0, check: 0 },
  takenOut: () => undefined,
  backInService: () => undefined,
  discoveryFailed: () => undefined,
  discoveryBack: () => undefined,
  changed: () => undefined,
};

export interface BalancerParts {
  readonly make: (address: InstanceAddress) => Instance;
  readonly events: BalancerEvents;
  /** ms of one steady clock. */
  readonly now: () => number;
  /** Calls that one instance may be given at once: its connections, and those that wait for one. */
  readonly maxPending: number;
  /** Whether answers alone may bring an instance back (there is no health check that would). */
  readonly triesCalls: boolean;
  /** Where there is nothing to choose from: what a health check says is shown, and calls are made all the same. */
  readonly servesAlways: boolean;
}

/**
 * The instances of one backend, and which of them gets the next call: of those that serve the one with the fewest calls, by weight.
 * Whoever takes an instance out says so here; an instance that is out gets nothing while another serves.
 */
export class Balancer implements InstanceListener {
  private list: readonly Instance[] = [];
  /** Of equals each is first in its turn. */
  private turn = 0;
  private outs = 0;
  private hasPriorities = false;
  private isDiscoveryUp = true;
  private readonly known = Promise.withResolvers<void>();
  isKnown = false;

  constructor(private readonly parts: BalancerParts) {}

  get instances(): readonly Instance[] {
    return this.list;
  }

  get discoveryUp(): boolean {
    return this.isDiscoveryUp;
  }

  /** Resolves with the first list, or with the first look that failed: then nothing is known. */
  get firstLook(): Promise<void> {
    return this.known.promise;
  }

  /** @param tried instances that this call was on already; null: none of them will do */
  choose(tried: readonly Instance[] | null): Instance | null {
    const { list } = this;
    if (list.length === 1 && tried === null && this.outs === 0) {
      const only = list[0]!;
      return only.pending < this.parts.maxPending ? only : null;
    }
    if (this.outs > 0 && this.parts.triesCalls) {
      const due = this.dueForTrial(tried);
      if (due !== null) return due;
    }
    const found = this.leastPending(tried, serves);
    if (found !== null || this.outs === 0) return found;
    return this.leastPending(tried, this.parts.servesAlways ? any : mayAnswer);
  }

  /** Whether the next call waits for a place, rather than for an instance. */
  get isFull(): boolean {
    return this.list.some(({ health }) => health.serves);
  }

  answered(instance: Instance, isGood: boolean): void {
    const { health } = instance;
    const now = this.parts.now();
    instance.heardAtMs = now;
    const before = health.state.kind;
    const tooMany = health.answered(isGood, now);
    if (before === 'trial') return this.afterTrial(instance);
    if (tooMany && this.mayTakeOutByAnswers()) this.takeOut(instance, 'errors');
  }

  takeOut(instance: Instance, reason: OutReason): void {
    if (!instance.health.takeOut(reason, this.parts.now())) return;
    instance.isSuspect = false;
    this.countOuts();
    this.parts.events.takenOut(instance, reason);
  }

  /** What a look beside the calls found. */
  probed(instance: Instance, found: Found): void {
    const { health, isSuspect } = instance;
    instance.isSuspect = false;
    const served = health.serves;
    const isToGo = health.checked(found === 'good', this.parts.now());
    if (served && found === 'unreachable') this.takeOut(instance, 'unreachable');
    else if (served && found === 'silent' && isSuspect) this.takeOut(instance, 'silent');
    else if (served && isToGo) this.takeOut(instance, 'check');
    else if (!served && health.serves) this.cameBack(instance);
  }

  /** A call ended that said nothing about its instance. */
  abandoned(instance: Instance): void {
    instance.health.abandonTrial();
  }

  found(addresses: readonly InstanceAddress[]): void {
    const before = new Map(this.list.map((instance) => [instanceKey(instance.address), instance]));
    const after = addresses.map((address) => {
      const key = instanceKey(address);
      const kept = before.get(key);
      const isSame = kept?.address.weight === address.weight && kept.address.priority === address.priority;
      if (kept === undefined || !isSame) return this.parts.make(address);
      before.delete(key);
      return kept;
    });
    this.list = after;
    this.hasPriorities = new Set(after.map(({ address }) => address.priority)).size > 1;
    this.countOuts();
    // What ends badly has nobody who could mend it: the instance is gone.
    for (const gone of before.values()) gone.close().catch(() => undefined);
    if (this.isKnown || after.length === 0) this.parts.events.changed(after.length);
    this.isKnown = true;
    this.known.resolve();
  }

  recovered(): void {
    if (!this.isDiscoveryUp) this.parts.events.discoveryBack();
    this.isDiscoveryUp = true;
  }

  failed(reason: string): void {
    if (this.isDiscoveryUp) this.parts.events.discoveryFailed(reason);
    this.isDiscoveryUp = false;
    this.known.resolve();
  }

  /** Ends with the calls under way. */
  async close(): Promise<void> {
    this.known.resolve();
    const { list } = this;
    this.list = [];
    await Promise.all(list.map((instance) => instance.close()));
  }

  private leastPending(tried: readonly Instance[] | null, fits: (instance: Instance) => boolean): Instance | null {
    const { list } = this;
    const { maxPending } = this.parts;
    const lowest = this.hasPriorities ? lowestPriority(list, tried, fits) : null;
    let best: Instance | null = null;
    let least = Infinity;
    let index = (this.turn = (this.turn + 1) % Math.max(1, list.length));
    for (let seen = 0; seen < list.length; seen++) {
      const instance = list[index]!;
      if (++index === list.length) index = 0;
      if (!fits(instance) || instance.pending >= maxPending) continue;
      if (lowest !== null && instance.address.priority !== lowest) continue;
      if (tried?.includes(instance) === true) continue;
      const load = (instance.pending + 1) / instance.address.weight + (instance.isSuspect ? SUSPECT : 0);
      if (load >= least) continue;
      least = load;
      best = instance;
    }
    return best;
  }

  private dueForTrial(tried: readonly Instance[] | null): Instance | null {
    const now = this.parts.now();
    for (const instance of this.list) {
      const { health } = instance;
      if (health.reason !== 'errors' || !health.isDue(now) || tried?.includes(instance) === true) continue;
      health.beginTrial();
      return instance;
    }
    return null;
  }

  private afterTrial(instance: Instance): void {
    if (instance.health.serves) this.cameBack(instance);
    else this.parts.events.takenOut(instance, 'errors');
  }

  private cameBack(instance: Instance): void {
    this.countOuts();
    this.parts.events.backInService(instance);
  }

  /** Counted anew each time: one that is gone from the list may still end its calls. */
  private countOuts(): void {
    this.outs = this.list.filter(({ health }) => !health.serves).length;
  }

  /** Errors that all instances answer are the runner's, and no instance is better: half of them serve on. */
  private mayTakeOutByAnswers(): boolean {
    return this.outs < Math.floor(this.list.length / 2);
  }
}

/** Further than any instance has calls. */
const SUSPECT = 1e9;

function serves({ health }: Instance): boolean {
  return health.serves;
}

function any(): boolean {
  return true;
}

/** Errors, and perhaps silence, are better than nothing; one that cannot be reached or says that it is not well is not asked. */
function mayAnswer({ health }: Instance): boolean {
  return health.reason === 'errors' || health.reason === 'silent';
}

function lowestPriority(
  list: readonly Instance[],
  tried: readonly Instance[] | null,
  fits: (instance: Instance) => boolean,
): number {
  let lowest = Infinity;
  for (const instance of list) {
    if (fits(instance) && tried?.includes(instance) !== true) lowest = Math.min(lowest, instance.address.priority);
  }
  return lowest;
}
