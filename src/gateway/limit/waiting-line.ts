import type { Cancellable, Cancellation } from '../../contracts/executor.js';
import type { GateOutcome, GateRefusal } from './gate.js';

/** For a client that went before it could wait. */
export const GONE: Promise<GateOutcome> = Promise.resolve('gone');

/** One request in a line. Its client's going takes it out, wherever it stands, in one step. */
class Waiter implements Cancellable {
  readonly outcome: Promise<GateOutcome>;
  previous: Waiter | null = null;
  next: Waiter | null = null;
  isWaiting = true;
  settle!: (outcome: GateOutcome) => void;

  constructor(
    private readonly line: WaitingLine,
    readonly cancellation: Cancellation,
    readonly since: number,
  ) {
    this.outcome = new Promise((resolve) => (this.settle = resolve));
  }

  cancel(): void {
    if (!this.isWaiting) return;
    this.line.remove(this);
    this.settle('gone');
  }
}

/** Requests that wait, in the order in which they came. Who fills it sees to its bound. */
export class WaitingLine {
  private first: Waiter | null = null;
  private last: Waiter | null = null;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Time at which the first began to wait; Infinity: nobody waits. */
  get firstSince(): number {
    return this.first === null ? Infinity : this.first.since;
  }

  join(cancellation: Cancellation, now: number): Promise<GateOutcome> {
    if (cancellation.cancelled) return GONE;
    const waiter = new Waiter(this, cancellation, now);
    waiter.previous = this.last;
    if (this.last === null) this.first = waiter;
    else this.last.next = waiter;
    this.last = waiter;
    this.count++;
    cancellation.onCancel(waiter);
    return waiter.outcome;
  }

  /** The first leaves with this outcome. */
  dismissFirst(outcome: null | GateRefusal): void {
    if (this.first !== null) this.dismiss(this.first, outcome);
  }

  dismissAll(outcome: GateRefusal): void {
    while (this.first !== null) this.dismiss(this.first, outcome);
  }

  /** Whoever is refused leaves, asked from the first to the last: their time of coming, and their place among those who stay. */
  refuseWhere(isRefused: (since: number, place: number) => boolean, refusal: GateRefusal): void {
    let place = 0;
    for (let waiter = this.first; waiter !== null;) {
      const { next } = waiter;
      if (isRefused(waiter.since, place)) this.dismiss(waiter, refusal);
      else place++;
      waiter = next;
    }
  }

  remove(waiter: Waiter): void {
    const { previous, next } = waiter;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.last = previous;
    else next.previous = previous;
    waiter.previous = waiter.next = null;
    waiter.isWaiting = false;
    this.count--;
  }

  private dismiss(waiter: Waiter, outcome: null | GateRefusal): void {
    this.remove(waiter);
    waiter.cancellation.onCancel(null);
    waiter.settle(outcome);
  }
}
