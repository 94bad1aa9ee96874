import type { Lease, LeaseRequest } from '../contracts/rate-store.js';

/** Statements under way at once; leases that come meanwhile go together with the next. */
const MOST_UNDER_WAY = 2;
const MOST_KEYS = 500;
const MOST_WAITING = 5000;

interface Job {
  readonly requests: readonly LeaseRequest[];
  readonly untilMs: number;
  readonly resolve: (leases: readonly Lease[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What several leases ask of one bucket, as one. */
export type MergedRequest = LeaseRequest;

/** Puts leases together that wait at once: a database takes them in one statement. */
export class LeaseBatches {
  private waiting: Job[] = [];
  private underWay = 0;

  constructor(
    /** Each key stands in it once; leases by key. */
    private readonly send: (requests: readonly MergedRequest[]) => Promise<ReadonlyMap<string, Lease>>,
    private readonly answerMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Settles when its statement does: who calls gives up by itself, after `answerMs`. */
  lease(requests: readonly LeaseRequest[]): Promise<readonly Lease[]> {
    if (this.waiting.length >= MOST_WAITING) return Promise.reject(new Error('too many leases wait'));
    const { promise, resolve, reject } = Promise.withResolvers<readonly Lease[]>();
    this.waiting.push({ requests, untilMs: this.now() + this.answerMs, resolve, reject });
    this.sendNext();
    return promise;
  }

  private sendNext(): void {
    while (this.underWay < MOST_UNDER_WAY) {
      const jobs = this.nextJobs();
      if (jobs.length === 0) return;
      this.underWay++;
      void this.sendJobs(jobs).finally(() => {
        this.underWay--;
        this.sendNext();
      });
    }
  }

  /** Without those whom nobody waits for any more: their tokens would be lost. */
  private nextJobs(): Job[] {
    const jobs: Job[] = [];
    const now = this.now();
    let keys = 0;
    let taken = 0;
    for (const job of this.waiting) {
      if (jobs.length > 0 && keys + job.requests.length > MOST_KEYS) break;
      taken++;
      if (job.untilMs < now) job.reject(new Error('it did not come to its turn in time'));
      else {
        jobs.push(job);
        keys += job.requests.length;
      }
    }
    this.waiting.splice(0, taken);
    return jobs;
  }

  private async sendJobs(jobs: readonly Job[]): Promise<void> {
    try {
      const merged = mergedRequests(jobs.flatMap(({ requests }) => requests));
      const shares = sharesOf(merged, await this.send(merged));
      for (const { requests, resolve } of jobs) resolve(shares.take(requests));
    } catch (error) {
      for (const { reject } of jobs) reject(error);
    }
  }
}

function mergedRequests(requests: readonly LeaseRequest[]): readonly MergedRequest[] {
  const byKey = new Map<string, LeaseRequest>();
  for (const request of requests) {
    const known = byKey.get(request.key);
    if (known === undefined) byKey.set(request.key, request);
    else {
      const { need, ahead, returned } = request;
      byKey.set(request.key, {
        ...known,
        ...{ need: known.need + need, ahead: known.ahead + ahead, returned: known.returned + returned },
      });
    }
  }
  return [...byKey.values()];
}

/** Shares what was granted for one bucket out: first, in order, what is needed; then what is ahead. */
function sharesOf(merged: readonly MergedRequest[], leases: ReadonlyMap<string, Lease>) {
  const left = new Map<string, { needed: number; ahead: number; lease: Lease }>();
  for (const { key, need } of merged) {
    const lease = leases.get(key);
    if (lease === undefined) throw new Error('the store answered without a bucket that it was asked for');
    const needed = Math.min(need, lease.granted);
    left.set(key, { needed, ahead: lease.granted - needed, lease });
  }
  return {
    take: (requests: readonly LeaseRequest[]): Lease[] =>
      requests.map(({ key, need, ahead }) => {
        const rest = left.get(key)!;
        const needed = Math.min(need, rest.needed);
        const further = Math.min(ahead, rest.ahead);
        rest.needed -= needed;
        rest.ahead -= further;
        return { ...rest.lease, granted: needed + further };
      }),
  };
}
