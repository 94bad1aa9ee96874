import type { ChannelRecord } from '../../contracts/records.js';
import { pointerToken } from '../json/json-pointer.js';
import { breakerRulesOf } from './breaker/breaker-rules.js';
import type { BulkheadRules } from './bulkhead.js';
import { userRatePlanOf, type UserRatePlan } from './user-rate/user-rate-plan.js';
import type { GlobalRateRules } from './global-rate.js';

/** Limits of a channel as its record has them, for the whole replica. */
export interface LimitRules {
  readonly globalRate: GlobalRateRules | null;
  readonly bulkhead: BulkheadRules | null;
  readonly userRate: UserRatePlan | null;
  /** Contents of the rules of its circuit breakers. */
  readonly breakerKeys: ReadonlySet<string>;
}

export interface LimitFault {
  readonly pointer: string;
  readonly message: string;
}

export interface CompiledLimitRules {
  /** Null where the record asks for no limit, and where there is a fault. */
  readonly rules: LimitRules | null;
  /** A channel with one does not open: nobody would hold its backend safe. */
  readonly faults: readonly LimitFault[];
  readonly warnings: readonly LimitFault[];
}

/** Node's timers know no longer one. */
const LONGEST_MS = 2_147_483_647;
const MOST = 1_000_000_000;
/** Where the record has a limiter or bulkhead and leaves the number out: resilience4j's for the bulkhead, a second for the period. */
const DEFAULT_PERIOD_MS = 1000;
const DEFAULT_CALLS = 25;

/** Compiles the limits of a channel's record. Pure, never throws. @param channel its id: buckets of users are the channel's own */
export function limitRulesOf(record: ChannelRecord, channel: string): CompiledLimitRules {
  const faults: LimitFault[] = [];
  const globalRate = globalRateOf(record.rateLimiter, faults);
  const bulkhead = bulkheadOf(record.bulkhead, faults);
  const users = isEmpty(record.userRateLimit)
    ? NO_USER_RATE
    : userRatePlanOf(record.userRateLimit, '/userRateLimit', channel);
  faults.push(...users.faults);
  const { plan: userRate, warnings } = users;
  const breakerKeys = new Set<string>();
  for (const [path, rule] of Object.entries(record.paths ?? {})) {
    if (rule.circuitBreaker === undefined) continue;
    const breaker = breakerRulesOf(rule.circuitBreaker, `/paths/${pointerToken(path)}/circuitBreaker`);
    faults.push(...breaker.faults);
    if (breaker.rules !== null) breakerKeys.add(breaker.rules.key);
  }
  const isNone = globalRate === null && bulkhead === null && userRate === null && breakerKeys.size === 0;
  return {
    rules: faults.length > 0 || isNone ? null : { globalRate, bulkhead, userRate, breakerKeys },
    faults,
    warnings,
  };
}

const NO_USER_RATE = Object.freeze({ plan: null, faults: [], warnings: [] });

/** As forms leave them: none. */
function isEmpty(record: object | undefined): record is undefined {
  return record === undefined || Object.keys(record).length === 0;
}

function globalRateOf(record: ChannelRecord['rateLimiter'], faults: LimitFault[]): GlobalRateRules | null {
  if (isEmpty(record)) return null;
  const { refreshPeriod = DEFAULT_PERIOD_MS, periodLimit, timeoutDuration = 0 } = record;
  const check = checkIn('/rateLimiter', faults);
  if (periodLimit === undefined)
    faults.push({
      pointer: '/rateLimiter/periodLimit',
      message: 'is missing: say how many requests may begin in a period',
    });
  check('refreshPeriod', refreshPeriod, 1, LONGEST_MS);
  check('periodLimit', periodLimit ?? 1, 1, MOST);
  check('timeoutDuration', timeoutDuration, 0, LONGEST_MS);
  return { refreshPeriodMs: refreshPeriod, periodLimit: periodLimit ?? 1, timeoutMs: timeoutDuration };
}

function bulkheadOf(record: ChannelRecord['bulkhead'], faults: LimitFault[]): BulkheadRules | null {
  if (isEmpty(record)) return null;
  const { maxConcurrentCalls = DEFAULT_CALLS, maxWait = 0 } = record;
  const check = checkIn('/bulkhead', faults);
  check('maxConcurrentCalls', maxConcurrentCalls, 1, MOST);
  check('maxWait', maxWait, 0, LONGEST_MS);
  return { maxConcurrentCalls, maxWaitMs: maxWait };
}

function checkIn(pointer: string, faults: LimitFault[]) {
  return (name: string, value: number, min: number, max: number): void => {
    if (Number.isInteger(value) && value >= min && value <= max) return;
    faults.push({ pointer: `${pointer}/${name}`, message: `must be a whole number from ${min} to ${max}` });
  };
}
