import type { FleetQuestion } from '../../contracts/fleet.js';

/** Who has not answered by then is left out. */
export const GATHER_MS = 2000;

interface Gathering {
  readonly waiting: Set<number>;
  readonly parts: Map<number, string>;
  readonly done: () => void;
}

/** Asks all workers something, and waits for their answers a bounded time. */
export class Gatherer {
  private nextId = 1;
  private readonly open = new Map<number, Gathering>();

  /** @param ask hands the question to a worker */
  constructor(private readonly ask: (slot: number, id: number, question: FleetQuestion) => void) {}

  /** The answers by slot, without those that did not come. */
  async gather(question: FleetQuestion, slots: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const id = this.nextId++;
    const { promise, resolve } = Promise.withResolvers<void>();
    const gathering = { waiting: new Set(slots), parts: new Map<number, string>(), done: resolve };
    this.open.set(id, gathering);
    const timer = setTimeout(resolve, GATHER_MS).unref();
    for (const slot of slots) this.ask(slot, id, question);
    if (slots.length > 0) await promise;
    clearTimeout(timer);
    this.open.delete(id);
    return gathering.parts;
  }

  answered(slot: number, id: number, part: string | null): void {
    const gathering = this.open.get(id);
    if (gathering === undefined || !gathering.waiting.has(slot)) return;
    if (part !== null) gathering.parts.set(slot, part);
    this.settle(gathering, slot);
  }

  /** Nobody answers for it any more. */
  ended(slot: number): void {
    for (const gathering of this.open.values()) this.settle(gathering, slot);
  }

  private settle(gathering: Gathering, slot: number): void {
    gathering.waiting.delete(slot);
    if (gathering.waiting.size === 0) gathering.done();
  }
}
