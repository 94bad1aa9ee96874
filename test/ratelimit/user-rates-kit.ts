import { setImmediate } from 'node:timers/promises';
import type { Cancellation } from '../../src/contracts/executor.js';
import type { Lease, LeaseRequest, RateStore } from '../../src/contracts/rate-store.js';
import type { RateLink } from '../../src/gateway/limit/user-rate/rate-link.js';
import {
  userRatePlanOf,
  type RatedRequest,
  type UserRatePlan,
} from '../../src/gateway/limit/user-rate/user-rate-plan.js';
import { UserRates } from '../../src/gateway/limit/user-rate/user-rates.js';
import { ManualClock } from '../support/manual-clock.js';
import { ModelRateStore } from './model-rate-store.js';

export const STAYS: Cancellation = { cancelled: false, onCancel: () => undefined };
const all: { rates: UserRates; clock: ManualClock }[] = [];
/** For afterEach: ends what tests have made. */
export async function endRates(): Promise<void> {
  for (const { rates, clock } of all.splice(0)) {
    const flushed = rates.flush(0);
    clock.advance(0);
    await flushed;
  }
}

export function theRates({ mostBuckets = 1000, clock = new ManualClock() } = {}) {
  const told: (string | null)[] = [];
  const report = (_store: RateStore, problem: string | null): void => void told.push(problem);
  const rates = new UserRates({ mostBuckets, expiryMs: 120_000, report, clock });
  all.push({ rates, clock });
  return { rates, told, clock };
}
export function aPlan(record: object): UserRatePlan {
  return userRatePlanOf({ isEnabled: true, period: 'PT60S', ...record }, '', 'shop').plan!;
}
export const request = (given: Partial<RatedRequest> = {}): RatedRequest => ({
  ...{ path: '/a', userId: 'ann', userType: null, address: '192.0.2.7' },
  ...given,
});
export async function verdictOf(
  link: RateLink,
  plan: UserRatePlan,
  given: Partial<RatedRequest> = {},
): Promise<string> {
  const verdict = await link.take(plan.bucketsOf(request(given)), STAYS);
  return verdict === null ? 'in' : verdict === 'gone' ? 'gone' : verdict.policy;
}
/** One after the other. */
export async function verdicts(link: RateLink, plan: UserRatePlan, count: number): Promise<string[]> {
  const gathered = [];
  for (let index = 0; index < count; index++) gathered.push(await verdictOf(link, plan));
  return gathered;
}
export const passed = (from: readonly string[]): number => from.filter((verdict) => verdict === 'in').length;

/** A store that answers when the test says so. */
export class SlowStore implements RateStore {
  readonly kind = 'redis';
  readonly name = 'slow';
  readonly calls: { requests: readonly LeaseRequest[]; answer: () => void; fail: () => void }[] = [];
  readonly model: ModelRateStore;

  constructor(clock: ManualClock) {
    this.model = new ModelRateStore(() => clock.now());
  }

  lease(requests: readonly LeaseRequest[]): Promise<readonly Lease[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Lease[]>();
    const answer = (): void => void this.model.lease(requests).then(resolve, reject);
    this.calls.push({ requests, answer, fail: () => reject(new Error('refused')) });
    return promise;
  }

  async answerAll(): Promise<void> {
    for (const { answer } of this.calls.splice(0)) answer();
    await setImmediate();
  }
}
export function aSlowPlace(record: object = {}) {
  const { rates, told, clock } = theRates();
  const store = new SlowStore(clock);
  return { rates, told, clock, store, link: rates.on(store), plan: aPlan({ globalDefault: 100, ...record }) };
}
