/** Node's timers know no longer one. */
const LONGEST_MS = 2_147_483_647;
/** An outcome is a byte, a second twelve; a rule may have a window for each of many paths. */
const MAX_WINDOW_CALLS = 100_000;
const MAX_WINDOW_SECONDS = 3600;
const MAX_CALLS = 1_000_000_000;

export type WindowType = 'COUNT_BASED' | 'TIME_BASED';

/** When a breaker opens and how it closes again; the names and semantics are resilience4j's (spec/resilience.md). */
export interface BreakerRules {
  /** Content of the rules: what is known of the calls holds as long as it stays. */
  readonly key: string;
  readonly slidingWindowType: WindowType;
  /** Calls (COUNT_BASED) or seconds (TIME_BASED). */
  readonly slidingWindowSize: number;
  readonly failureRatePercent: number;
  /** Calls in the window before rates count; in a COUNT_BASED window at most its size. */
  readonly minimumCalls: number;
  /** A call that took longer is slow. */
  readonly slowCallMs: number;
  readonly slowCallRatePercent: number;
  readonly halfOpenCalls: number;
  /** Whether a timer ends the open state, else the first call after it does. */
  readonly isHalfOpenByTimer: boolean;
  /** 0: half-open until enough calls have ended. */
  readonly maxHalfOpenMs: number;
  readonly openMs: number;
}

/** Why a record cannot be in force. */
export interface BreakerFault {
  readonly pointer: string;
  readonly message: string;
}

export interface CompiledBreakerRules {
  /** Null where there is a fault. */
  readonly rules: BreakerRules | null;
  readonly faults: readonly BreakerFault[];
}

interface NumberRange {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

/** A percentage is above 0: at 0 a breaker would open by its good calls. */
interface PercentRange {
  readonly fallback: number;
}

const PERCENTAGES = {
  failureRateThreshold: { fallback: 50 },
  slowCallRateThreshold: { fallback: 100 },
} as const satisfies Record<string, PercentRange>;

const WHOLE_NUMBERS = {
  minimumNumberOfCalls: { fallback: 100, min: 1, max: MAX_CALLS },
  slowCallDurationThreshold: { fallback: 60_000, min: 1, max: LONGEST_MS },
  permittedNumberOfCallsInHalfOpenState: { fallback: 10, min: 1, max: MAX_WINDOW_CALLS },
  maxWaitDurationInHalfOpenState: { fallback: 0, min: 0, max: LONGEST_MS },
  waitDurationInOpenState: { fallback: 60_000, min: 1, max: LONGEST_MS },
} as const satisfies Record<string, NumberRange>;

const WINDOW_SIZES = {
  COUNT_BASED: { fallback: 100, min: 1, max: MAX_WINDOW_CALLS },
  TIME_BASED: { fallback: 100, min: 1, max: MAX_WINDOW_SECONDS },
} as const satisfies Record<WindowType, NumberRange>;

/** Compiles a `circuitBreaker` record. Pure, never throws. @param pointer of the record, e.g. `/paths/a/circuitBreaker` */
export function breakerRulesOf(record: Readonly<Record<string, unknown>>, pointer: string): CompiledBreakerRules {
  const reading = new Reading(record, pointer);
  const slidingWindowType = reading.windowType();
  const slidingWindowSize = reading.wholeNumber('slidingWindowSize', WINDOW_SIZES[slidingWindowType]);
  const minimum = reading.wholeNumber('minimumNumberOfCalls', WHOLE_NUMBERS.minimumNumberOfCalls);
  const fields = {
    slidingWindowType,
    slidingWindowSize,
    failureRatePercent: reading.percentage('failureRateThreshold'),
    minimumCalls: slidingWindowType === 'COUNT_BASED' ? Math.min(minimum, slidingWindowSize) : minimum,
    slowCallMs: reading.whole('slowCallDurationThreshold'),
    slowCallRatePercent: reading.percentage('slowCallRateThreshold'),
    halfOpenCalls: reading.whole('permittedNumberOfCallsInHalfOpenState'),
    isHalfOpenByTimer: reading.flag('automaticTransitionFromOpenToHalfOpenEnabled'),
    maxHalfOpenMs: reading.whole('maxWaitDurationInHalfOpenState'),
    openMs: reading.whole('waitDurationInOpenState'),
  };
  const { faults } = reading;
  if (faults.length > 0) return { rules: null, faults };
  return { rules: Object.freeze({ key: JSON.stringify(Object.values(fields)), ...fields }), faults };
}

/** Reads a record's members and notes what is wrong with them. */
class Reading {
  readonly faults: BreakerFault[] = [];

  constructor(
    private readonly record: Readonly<Record<string, unknown>>,
    private readonly pointer: string,
  ) {}

  windowType(): WindowType {
    const value = this.record['slidingWindowType'] ?? 'COUNT_BASED';
    if (value !== 'COUNT_BASED' && value !== 'TIME_BASED') {
      this.fault('slidingWindowType', 'must be COUNT_BASED or TIME_BASED');
      return 'COUNT_BASED';
    }
    return value;
  }

  whole(name: keyof typeof WHOLE_NUMBERS): number {
    return this.wholeNumber(name, WHOLE_NUMBERS[name]);
  }

  wholeNumber(name: string, { fallback, min, max }: NumberRange): number {
    const value = this.record[name] ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    this.fault(name, `must be a whole number from ${min} to ${max}`);
    return fallback;
  }

  percentage(name: keyof typeof PERCENTAGES): number {
    const { fallback } = PERCENTAGES[name];
    const value = this.record[name] ?? fallback;
    if (typeof value === 'number' && value > 0 && value <= 100) return value;
    this.fault(name, 'must be a percentage above 0 and at most 100');
    return fallback;
  }

  flag(name: string): boolean {
    const value = this.record[name] ?? false;
    if (typeof value === 'boolean') return value;
    this.fault(name, 'must be true or false');
    return false;
  }

  private fault(name: string, message: string): void {
    this.faults.push({ pointer: `${this.pointer}/${name}`, message });
  }
}
