import type { LimitClock } from '../gate.js';
import { SteadyTime } from '../steady-time.js';
import type { BreakerRules } from './breaker-rules.js';
import { CircuitBreaker, type BreakerListener } from './circuit-breaker.js';

/** Breakers of one rule at most, unless it is said otherwise. */
export const MAX_BREAKERS = 1000;

export interface PathBreakersOptions {
  readonly rules: BreakerRules;
  readonly clock: LimitClock;
  readonly onChange?: BreakerListener;
  /** At least 5 (default 1000). A fifth of them is for breakers that are not closed. */
  readonly maxBreakers?: number;
}

type Generation = Map<string, CircuitBreaker>;

/**
 * The breakers of the concrete paths under one rule, made as paths are called. Two generations: what was called since the last turn,
 * and what was called before it only, which goes at the next; so nothing is moved or deleted by a request, and the last two fifths of
 * the bound that were called are always there. Breakers that hold calls back are kept beyond that, forced ones longest: who calls many
 * paths does not close them that way.
 */
export class PathBreakers {
  private readonly time: SteadyTime;
  private readonly generationSize: number;
  private readonly maxHeld: number;
  private young: Generation = new Map();
  private old: Generation = new Map();
  /** Not closed at the last turn, and not called in the generation before it. */
  private held: Generation = new Map();
  private isClosed = false;

  constructor(private readonly options: PathBreakersOptions) {
    const { clock, maxBreakers = MAX_BREAKERS } = options;
    this.time = SteadyTime.of(clock);
    this.maxHeld = Math.max(1, Math.floor(maxBreakers / 5));
    this.generationSize = Math.max(1, Math.floor((maxBreakers - this.maxHeld) / 2));
  }

  of(path: string): CircuitBreaker {
    return this.young.get(path) ?? this.rejuvenate(path);
  }

  /** Each once, in no order. */
  all(): readonly CircuitBreaker[] {
    return [...new Map([...this.held, ...this.old, ...this.young]).values()];
  }

  /** Ends all timers. Calls under way go on, and no breaker starts a timer any more. */
  close(): void {
    this.isClosed = true;
    for (const breaker of this.all()) breaker.close();
  }

  private rejuvenate(path: string): CircuitBreaker {
    const breaker = this.old.get(path) ?? this.held.get(path) ?? this.make(path);
    this.young.set(path, breaker);
    if (this.young.size >= this.generationSize) this.turn();
    return breaker;
  }

  private make(path: string): CircuitBreaker {
    const { rules, onChange } = this.options;
    const breaker = new CircuitBreaker({
      path,
      rules,
      clock: this.time,
      ...(onChange === undefined ? {} : { onChange }),
    });
    if (this.isClosed) breaker.close();
    return breaker;
  }

  private turn(): void {
    const leaving = new Map([...this.held, ...this.old]);
    for (const path of this.young.keys()) leaving.delete(path);
    this.held = new Map(keptOf([...leaving.values()], this.maxHeld).map((breaker) => [breaker.path, breaker]));
    for (const breaker of leaving.values()) if (!this.held.has(breaker.path)) breaker.close();
    this.old = this.young;
    this.young = new Map();
  }
}

/** Those that hold something back or are forced; of too many the forced ones, and then those that were called last. */
function keptOf(breakers: readonly CircuitBreaker[], max: number): readonly CircuitBreaker[] {
  const forced = breakers.filter(({ stateName }) => stateName === 'forced_open' || stateName === 'disabled');
  const unforced = breakers.filter(({ stateName }) => stateName === 'open' || stateName === 'half_open');
  return [...unforced, ...forced].slice(-max);
}
