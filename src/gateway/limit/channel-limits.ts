import type { BreakerState, BreakerStates, BreakerView } from '../../contracts/breaker-states.js';
import type { LimitView, LimitViews } from '../../contracts/limit-states.js';
import type { RateStore } from '../../contracts/rate-store.js';
import type { BreakerRules } from './breaker/breaker-rules.js';
import type { BreakerListener, BreakerStateName, CircuitBreaker } from './breaker/circuit-breaker.js';
import { PathBreakers } from './breaker/path-breakers.js';
import { Bulkhead } from './bulkhead.js';
import type { LimitClock } from './gate.js';
import { GlobalRate } from './global-rate.js';
import type { LimitNote } from './limit-note.js';
import type { LimitRules } from './limit-rules.js';
import type { RateLink } from './user-rate/rate-link.js';
import type { UserRatePlan } from './user-rate/user-rate-plan.js';
import type { UserRates } from './user-rate/user-rates.js';

export interface LimitParts {
  readonly clock: LimitClock;
  readonly rates: UserRates;
  /** This worker's part of a bound that holds for the whole replica: at least 1. */
  shareOf(bound: number): number;
  readonly onBreaker: (channel: string, change: Parameters<BreakerListener>[0]) => void;
}

/** The limits of single users and addresses, and where they are counted. */
export interface UserLimits {
  readonly plan: UserRatePlan;
  readonly link: RateLink;
}

/** Refusals by what refused, counted for ever. */
export interface LimitCounts {
  globalRate: number;
  bulkhead: number;
  breaker: number;
  userRate: number;
}

/** The limits of one channel with their state: the same object as long as there is the channel, whatever reloads change. */
export class ChannelLimits {
  globalRate: GlobalRate | null = null;
  /** Value of RateLimit-Policy for the global rate. */
  globalPolicy = '';
  bulkhead: Bulkhead | null = null;
  /** What the log says of whom they refuse. */
  globalNote: LimitNote | null = null;
  bulkheadNote: LimitNote | null = null;
  users: UserLimits | null = null;
  readonly refused: LimitCounts = { globalRate: 0, bulkhead: 0, breaker: 0, userRate: 0 };
  private rules: LimitRules | null = null;
  /** By the content of their rules: what is known of calls holds as long as these stay. */
  private readonly breakers = new Map<string, PathBreakers>();

  constructor(
    readonly channel: string,
    private readonly parts: LimitParts,
  ) {}

  /** A change of numbers keeps what is counted. @param store of the counts of users; null: this process */
  apply(rules: LimitRules, store: RateStore | null): void {
    const before = this.rules;
    this.rules = rules;
    this.applyGlobalRate(rules.globalRate, before?.globalRate ?? null);
    this.applyBulkhead(rules.bulkhead, before?.bulkhead ?? null);
    const { userRate } = rules;
    this.users = userRate === null ? null : { plan: userRate, link: this.parts.rates.on(store) };
  }

  breakerOf(rules: BreakerRules, path: string): CircuitBreaker {
    let breakers = this.breakers.get(rules.key);
    if (breakers === undefined) {
      const { clock, onBreaker } = this.parts;
      const onChange: BreakerListener = (change) => onBreaker(this.channel, change);
      this.breakers.set(rules.key, (breakers = new PathBreakers({ rules, clock, onChange })));
    }
    return breakers.of(path);
  }

  allBreakers(): readonly CircuitBreaker[] {
    return [...this.breakers.values()].flatMap((each) => each.all());
  }

  /** Lets go of breakers whose rules are no longer there. */
  settle(): void {
    const keys = this.rules!.breakerKeys;
    for (const [key, breakers] of this.breakers) {
      if (keys.has(key)) continue;
      breakers.close();
      this.breakers.delete(key);
    }
  }

  view(): LimitView {
    const { channel, globalRate, bulkhead, users, refused } = this;
    const { globalRate: global, userRate: user, bulkhead: full, breaker } = refused;
    const { store = null, watch } = users?.link ?? {};
    return {
      channel,
      globalRate: globalRate?.snapshot() ?? null,
      bulkhead: bulkhead?.snapshot() ?? null,
      userRates: users === null ? null : { store: store?.name ?? 'memory', isAway: watch?.isAway === true },
      refused: { global, user, bulkhead: full, breaker },
    };
  }

  close(): void {
    this.globalRate?.close();
    this.bulkhead?.close();
    for (const breakers of this.breakers.values()) breakers.close();
  }

  private applyGlobalRate(rules: LimitRules['globalRate'], before: LimitRules['globalRate']): void {
    if (JSON.stringify(rules) === JSON.stringify(before)) return;
    if (rules === null) {
      this.globalRate?.close();
      this.globalRate = null;
      return;
    }
    const shared = { ...rules, periodLimit: this.parts.shareOf(rules.periodLimit) };
    this.globalPolicy = `"global";q=${rules.periodLimit};w=${Math.max(1, Math.round(rules.refreshPeriodMs / 1000))}`;
    const { periodLimit: most, refreshPeriodMs: periodMs } = rules;
    this.globalNote = { rule: 'global', scope: 'channel', policy: 'global', most, periodMs };
    if (this.globalRate === null) this.globalRate = new GlobalRate(shared, this.parts.clock);
    else this.globalRate.change(shared);
  }

  private applyBulkhead(rules: LimitRules['bulkhead'], before: LimitRules['bulkhead']): void {
    if (JSON.stringify(rules) === JSON.stringify(before)) return;
    if (rules === null) {
      this.bulkhead?.close();
      this.bulkhead = null;
      return;
    }
    const shared = { ...rules, maxConcurrentCalls: this.parts.shareOf(rules.maxConcurrentCalls) };
    this.bulkheadNote = { rule: 'bulkhead', scope: 'channel', most: rules.maxConcurrentCalls };
    if (this.bulkhead === null) this.bulkhead = new Bulkhead(shared, this.parts.clock);
    else this.bulkhead.change(shared);
  }
}

const VIEWED: Readonly<Record<BreakerStateName, BreakerState>> = {
  closed: 'closed',
  open: 'open',
  half_open: 'half-open',
  forced_open: 'forced-open',
  disabled: 'forced-closed',
};

/** The limits of all channels of a process. */
export class LimitStates implements BreakerStates, LimitViews {
  private readonly byChannel = new Map<string, ChannelLimits>();
  /** Where calls of the gateway's own controllers are counted; null: this process. */
  throttleStore: RateStore | null = null;

  constructor(private readonly parts: LimitParts) {}

  get rates(): UserRates {
    return this.parts.rates;
  }

  get throttleLink(): RateLink {
    return this.parts.rates.on(this.throttleStore);
  }

  /** Puts rules into force for a channel; what is counted goes on. */
  of(channel: string, rules: LimitRules, store: RateStore | null = null): ChannelLimits {
    let limits = this.byChannel.get(channel);
    if (limits === undefined) this.byChannel.set(channel, (limits = new ChannelLimits(channel, this.parts)));
    limits.apply(rules, store);
    return limits;
  }

  all(): Iterable<ChannelLimits> {
    return this.byChannel.values();
  }

  limits(): readonly LimitView[] {
    return [...this.byChannel.values()].map((limits) => limits.view());
  }

  // ── BreakerStates ──

  list(): readonly BreakerView[] {
    return [...this.byChannel.values()].flatMap((limits) =>
      limits.allBreakers().map((breaker) => {
        const { state, failureRate, slowRate, calls } = breaker.snapshot();
        const { path } = breaker;
        return { channel: limits.channel, path, state: VIEWED[state], failureRate, slowCallRate: slowRate, calls };
      }),
    );
  }

  force(channel: string, path: string, state: 'closed' | 'forced-open' | 'forced-closed'): boolean {
    const found = (this.byChannel.get(channel)?.allBreakers() ?? []).filter((breaker) => breaker.path === path);
    for (const breaker of found) {
      if (state === 'closed') breaker.reset();
      else breaker.force(state === 'forced-open' ? 'open' : 'closed');
    }
    return found.length > 0;
  }

  /** Lets go of the limits of channels that have none any more; who waits there is refused. */
  retain(channels: { has(channel: string): boolean }): void {
    for (const [channel, limits] of this.byChannel) {
      if (channels.has(channel)) {
        limits.settle();
        continue;
      }
      limits.close();
      this.byChannel.delete(channel);
    }
  }

  /** Where counts of users are kept now. */
  stores(): ReadonlySet<RateStore | null> {
    const stores = new Set<RateStore | null>([this.throttleStore]);
    for (const { users } of this.byChannel.values()) if (users !== null) stores.add(users.link.store);
    return stores;
  }

  close(): void {
    this.retain({ has: () => false });
  }
}
