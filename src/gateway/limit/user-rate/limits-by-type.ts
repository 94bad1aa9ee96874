import type { BucketSpec, LeaseTerms, RatePolicy } from './bucket-spec.js';
import type { RecordReader } from './record-reader.js';

/** -1: unlimited. */
export const UNLIMITED = -1;
const USER = 'user';
const IP = 'ip';
/** Specs of so many types are kept; a token may say any type. */
const MOST_TYPES = 256;

/** Limits of a scope as the record has them. */
export interface Limits {
  readonly otherwise: number;
  readonly byType: ReadonlyMap<string, number>;
}

export function limitsOf(reader: RecordReader, defaultName: string, typesName: string): Limits {
  const otherwise = reader.limit(defaultName);
  const byType = new Map<string, number>();
  const types = reader.map(typesName);
  for (const key of types?.keys ?? []) byType.set(key, types!.reader.limit(key));
  return { otherwise, byType };
}

export function limitsAnybody({ otherwise, byType }: Limits): boolean {
  return otherwise !== UNLIMITED || [...byType.values()].some((limit) => limit !== UNLIMITED);
}

/** What all limits of a plan share. */
export interface PlanFrame {
  /** Id of the channel. */
  readonly channel: string;
  readonly periodMs: number;
  readonly terms: LeaseTerms;
}

/** The limits of the channel, of one path, or of each path, by who calls. */
export class ScopedLimits {
  /** Null: addresses are not limited here. */
  readonly ip: BucketSpec | null;
  private readonly byType = new Map<string | null, BucketSpec | null>();

  /** @param path normal form of the path rule; '' for each path by itself; null for the channel */
  constructor(
    private readonly frame: PlanFrame,
    private readonly limits: Limits,
    private readonly path: string | null,
  ) {
    const limit = limits.byType.get(IP) ?? limits.otherwise;
    this.ip = this.specOf(path === null ? 'ip' : 'ip-path', limit, null);
  }

  /** Null: users of that type are not limited here. @param type origin.type; null: the token says none */
  user(type: string | null): BucketSpec | null {
    const known = this.byType.get(type);
    if (known !== undefined) return known;
    const { byType, otherwise } = this.limits;
    // A type that is called `ip` has no key of its own: that one is for addresses.
    const own = type === null || type === IP ? undefined : byType.get(type);
    const limit = own ?? byType.get(USER) ?? otherwise;
    const spec = this.specOf(this.path === null ? 'user' : 'user-path', limit, type);
    if (this.byType.size < MOST_TYPES) this.byType.set(type, spec);
    return spec;
  }

  private specOf(policy: RatePolicy, limit: number, type: string | null): BucketSpec | null {
    if (limit === UNLIMITED) return null;
    const { channel, periodMs, terms } = this.frame;
    return Object.freeze({
      ...{ policy, limit, periodMs, periodUs: periodMs * 1000, terms },
      key: JSON.stringify([channel, policy, this.path, type, limit, periodMs]),
    });
  }
}
