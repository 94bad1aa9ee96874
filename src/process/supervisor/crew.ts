import type { WorkerLife, WorkerStatus } from '../../contracts/fleet.js';
import { RestartDelay } from './restart-delay.js';

/** What the supervisor is to do. */
export type Order =
  | { readonly do: 'fork'; readonly slot: number; readonly life: number }
  /** Let it drain. */
  | { readonly do: 'drain'; readonly slot: number }
  | { readonly do: 'kill'; readonly slot: number }
  /** Say that it has fallen silent, or that it answers again. */
  | { readonly do: 'say'; readonly slot: number; readonly isSilent: boolean }
  /** Nobody is left, and nobody comes. */
  | { readonly do: 'leave'; readonly exitCode: 0 | 1 };

export type EndReason = 'exit' | 'signal' | 'hang';

/** What a worker's end was like, for the log. */
export interface WorkerEnd {
  readonly reason: EndReason;
  /** Nobody asked for it. */
  readonly isUnexpected: boolean;
  /** Requests that were under way, by its last report. */
  readonly lost: number;
  /** When its successor comes; null where there is none. */
  readonly againInMs: number | null;
}

/** A worker says that it lives so often, if nothing else (worker-channel.ts). */
export const BEAT_MS = 2000;
/** One that says nothing for so long has missed two: it does not count as ready. */
export const SILENT_MS = 6000;
/** One whose event loop has not turned for so long, or that is stopped, does not come back. */
export const HANG_MS = 20_000;
/** One that has not given its first sign for so long after it was made was stopped, or has no way to run: loading code takes a second or ten. */
export const MUTE_MS = 60_000;
/** Our own clock stood still: what workers said meanwhile is not read yet. */
const STALL_MS = 2000;

interface Slot {
  state: WorkerLife;
  pid: number | null;
  forkedAt: number;
  /** Since when it has given no sign. */
  quietSince: number;
  /** It has given its first: before that, loading code may take its time. */
  hasBeat: boolean;
  inFlight: number;
  lives: number;
  dueAt: number | null;
  isSilent: boolean;
  isHung: boolean;
  readonly delay: RestartDelay;
}

/**
 * Which worker is where in its life, and what is to be done next. Does nothing itself. Moments are ms of a clock that nobody sets
 * back. The first worker starts alone: a start that cannot succeed fails once, and says why once.
 */
export class Crew {
  readonly restarts: Record<EndReason, number> = { exit: 0, signal: 0, hang: 0 };
  lost = 0;
  private readonly slots: readonly Slot[];
  private wasReady = false;
  private stopBy: number | null = null;
  private wasForced = false;
  /** One hung while all were to stop: what it had was cut off. */
  private hasHungAtStop = false;
  private tickedAt: number | null = null;

  constructor(workers: number) {
    this.slots = Array.from({ length: workers }, () => ({
      ...{ state: 'waiting' as const, pid: null, forkedAt: 0, quietSince: 0, hasBeat: false, inFlight: 0, lives: 0 },
      ...{ dueAt: null, isSilent: false, isHung: false, delay: new RestartDelay() },
    }));
  }

  get readyCount(): number {
    return this.slots.filter((worker) => lifeOf(worker) === 'ready').length;
  }

  get isStopping(): boolean {
    return this.stopBy !== null;
  }

  begin(now: number): Order[] {
    return [this.fork(0, now)];
  }

  forked(slot: number, pid: number): void {
    this.at(slot).pid = pid;
  }

  ready(slot: number, now: number): Order[] {
    const worker = this.at(slot);
    if (worker.state !== 'starting') return [];
    worker.state = 'ready';
    if (this.wasReady) return [];
    this.wasReady = true;
    return this.slots.flatMap(({ state, dueAt }, other) =>
      state === 'waiting' && dueAt === null ? [this.fork(other, now)] : [],
    );
  }

  beat(slot: number, inFlight: number, now: number): Order[] {
    const worker = this.at(slot);
    worker.quietSince = now;
    worker.hasBeat = true;
    worker.inFlight = inFlight;
    if (!worker.isSilent || worker.isHung) return [];
    worker.isSilent = false;
    return [{ do: 'say', slot, isSilent: false }];
  }

  ended(slot: number, signal: string | null, now: number): { readonly end: WorkerEnd; readonly orders: Order[] } {
    const worker = this.at(slot);
    const reason: EndReason = worker.isHung ? 'hang' : signal === null ? 'exit' : 'signal';
    const end = { reason, isUnexpected: !this.isStopping, lost: worker.inFlight };
    const ranMs = now - worker.forkedAt;
    Object.assign(worker, { state: 'waiting', pid: null, inFlight: 0, isSilent: false, isHung: false });
    if (!this.isStopping && this.wasReady) {
      this.lost += end.lost;
      this.restarts[reason]++;
      const againInMs = worker.delay.after(ranMs);
      worker.dueAt = now + againInMs;
      return { end: { ...end, againInMs }, orders: againInMs === 0 ? [this.fork(slot, now)] : [] };
    }
    const isLast = this.slots.every(({ pid }) => pid === null);
    if (reason === 'hang') this.hasHungAtStop = true;
    const exitCode = this.wasForced || this.hasHungAtStop || !this.isStopping ? 1 : 0;
    return { end: { ...end, againInMs: null }, orders: isLast ? [{ do: 'leave', exitCode }] : [] };
  }

  /** Several times a second. */
  tick(now: number): Order[] {
    const stalledMs = this.tickedAt === null ? 0 : now - this.tickedAt;
    this.tickedAt = now;
    if (stalledMs > STALL_MS) for (const worker of this.slots) worker.quietSince = now;
    const orders: Order[] = [];
    for (const [slot, worker] of this.slots.entries()) {
      if (worker.dueAt !== null && worker.dueAt <= now && !this.isStopping) orders.push(this.fork(slot, now));
      if (worker.pid === null || worker.isHung) continue;
      const quietMs = now - worker.quietSince;
      if (worker.hasBeat && quietMs > SILENT_MS && !worker.isSilent) {
        worker.isSilent = true;
        orders.push({ do: 'say', slot, isSilent: true });
      }
      if (quietMs <= (worker.hasBeat ? HANG_MS : MUTE_MS)) continue;
      worker.isHung = true;
      orders.push({ do: 'kill', slot });
    }
    return [...orders, ...this.forced(now)];
  }

  /** @param withinMs what is there after that is killed */
  stop(withinMs: number, now: number): Order[] {
    if (this.isStopping) return [];
    this.stopBy = now + withinMs;
    const orders: Order[] = [];
    for (const [slot, worker] of this.slots.entries()) {
      worker.dueAt = null;
      if (worker.pid === null) continue;
      worker.state = 'draining';
      orders.push({ do: 'drain', slot });
    }
    return orders.length === 0 ? [{ do: 'leave', exitCode: 0 }] : orders;
  }

  statuses(now: number): WorkerStatus[] {
    return this.slots.map((slot, worker) => {
      const { pid, lives, forkedAt, inFlight } = slot;
      const uptimeSeconds = pid === null ? 0 : Math.floor((now - forkedAt) / 1000);
      return { worker, pid, state: lifeOf(slot), restarts: Math.max(0, lives - 1), uptimeSeconds, inFlight };
    });
  }

  private forced(now: number): Order[] {
    if (this.stopBy === null || now < this.stopBy || this.wasForced) return [];
    this.wasForced = true;
    return this.slots.flatMap(({ pid }, slot): Order[] => (pid === null ? [] : [{ do: 'kill', slot }]));
  }

  private fork(slot: number, now: number): Order {
    const worker = this.at(slot);
    Object.assign(worker, { state: 'starting', forkedAt: now, quietSince: now, hasBeat: false, dueAt: null });
    return { do: 'fork', slot, life: worker.lives++ };
  }

  private at(slot: number): Slot {
    return this.slots[slot]!;
  }
}

function lifeOf({ state, isSilent }: Slot): WorkerLife {
  return state === 'ready' && isSilent ? 'silent' : state;
}
