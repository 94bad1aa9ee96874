import { hash } from 'node:crypto';
import { pointerToken } from '../../json/json-pointer.js';
import { normalPath } from '../../resolve/normal-path.js';
import { normalRuleKey, PathRules } from '../../resolve/path-rules.js';
import { addressKey } from './address-key.js';
import type { BucketSpec, ChargedBucket, LeaseTerms } from './bucket-spec.js';
import { limitsAnybody, limitsOf, ScopedLimits, type Limits, type PlanFrame } from './limits-by-type.js';
import { periodMsOf } from './rate-period.js';
import { RecordReader, type RateProblem } from './record-reader.js';

/** What is charged for a request. */
export interface RatedRequest {
  /** Normal form, with a leading slash. */
  readonly path: string;
  /** origin.id and origin.type; null where the caller has none. */
  readonly userId: string | null;
  readonly userType: string | null;
  /** The client's, as `clientAddress` gives it. */
  readonly address: string;
}

export interface UserRatePlan {
  /** The service that keeps the counts, as the record names it; null: none is named. */
  readonly service: string | null;
  /** Whose buckets a request takes a token from: of the channel first, then of the path. Empty: it is not limited. */
  bucketsOf(request: RatedRequest): ChargedBucket[];
}

export interface UserRateReading {
  /** Null: the channel has no user rate limit, or a faulty one. */
  readonly plan: UserRatePlan | null;
  readonly faults: readonly RateProblem[];
  readonly warnings: readonly RateProblem[];
}

type Identifier = 'user' | 'ip' | 'both';
const IDENTIFIERS: readonly unknown[] = ['user', 'ip', 'both'] satisfies Identifier[];
const LONGEST_PERIOD_MS = 366 * 86_400_000;
const LONGEST_LEASE_SECONDS = 86_400;
const MOST_AHEAD = 1_000_000;

/**
 * Reads `userRateLimit` of a channel (spec/resilience.md), once when the channel is compiled.
 * @param pointer where it stands, `/userRateLimit` @param channel its id: buckets are the channel's own
 */
export function userRatePlanOf(record: unknown, pointer: string, channel: string): UserRateReading {
  const faults: RateProblem[] = [];
  const warnings: RateProblem[] = [];
  if (record === undefined || record === null) return { plan: null, faults, warnings };
  if (typeof record !== 'object' || Array.isArray(record)) {
    return { plan: null, faults: [{ pointer, message: 'a map of fields is expected' }], warnings };
  }
  const reader = new RecordReader(record as Record<string, unknown>, pointer, faults);
  if (!reader.boolean('isEnabled', true)) return { plan: null, faults, warnings };
  const parts = partsOf(reader, channel);
  if (faults.length > 0) return { plan: null, faults, warnings };
  warnings.push(...warningsOf(parts, reader, pointer));
  const hasLimits = [parts.channel, parts.eachPath, ...parts.paths.map(([, limits]) => limits)].some(limitsAnybody);
  return { plan: hasLimits ? new CompiledUserRatePlan(parts) : null, faults, warnings };
}

interface PlanParts {
  readonly service: string | null;
  readonly identifier: Identifier;
  readonly frame: PlanFrame;
  readonly channel: Limits;
  readonly eachPath: Limits;
  /** By rule key in normal form. */
  readonly paths: readonly (readonly [string, Limits])[];
}

function partsOf(reader: RecordReader, channel: string): PlanParts {
  return {
    service: reader.text('service'),
    identifier: identifierOf(reader),
    frame: {
      channel,
      periodMs: periodOf(reader),
      terms: termsOf(reader),
    },
    channel: limitsOf(reader, 'globalDefault', 'globalTypes'),
    eachPath: limitsOf(reader, 'pathsDefault', 'pathsTypes'),
    paths: pathsOf(reader),
  };
}

/** Who holds fewer would ask much more often for the sake of it. */
const LEAST_HELD_FOR_EARLY_CALLS = 16;

function termsOf(reader: RecordReader): LeaseTerms {
  // The request that asks spends the first of them at once.
  const ahead = leasesNothing(reader) ? 0 : Math.max(0, mostHeld(reader) - 1);
  return Object.freeze({
    ahead,
    low: ahead >= LEAST_HELD_FOR_EARLY_CALLS ? ahead >> 2 : -1,
    leaseMs: leaseSeconds(reader) * 1000,
    sharesCalls: reader.boolean('useBatching', false),
  });
}

const mostHeld = (reader: RecordReader): number =>
  reader.number('maxUnsynchronizedTokens', 5, { most: MOST_AHEAD, whole: true });
const leaseSeconds = (reader: RecordReader): number =>
  reader.number('maxTimeoutBetweenSynchronization', 30, { most: LONGEST_LEASE_SECONDS });
const leasesNothing = (reader: RecordReader): boolean => reader.value('maxTimeoutBetweenSynchronization') === 0;

function identifierOf(reader: RecordReader): Identifier {
  const value = reader.value('identifier') ?? 'user';
  if (!IDENTIFIERS.includes(value)) reader.fault('identifier', 'one of user, ip and both is expected');
  return value as Identifier;
}

function periodOf(reader: RecordReader): number {
  const periodMs = periodMsOf(reader.value('period'));
  if (periodMs !== null && periodMs >= 1 && periodMs <= LONGEST_PERIOD_MS) return periodMs;
  const what = reader.has('period') ? 'It is not' : 'It is missing; expected is';
  reader.fault(
    'period',
    `${what} a period from 1 ms to 366 days: a number of minutes, or an ISO 8601 duration such as PT30S`,
  );
  return 1;
}

function pathsOf(reader: RecordReader): (readonly [string, Limits])[] {
  const paths = reader.map('paths');
  const known = new Map<string, Limits>();
  for (const key of paths?.keys ?? []) {
    const below = paths!.reader.map(key);
    if (below === null) continue;
    const normal = ruleKeyOf(key);
    if (/\*/.test(key.replace(/(?:^|\/)\*$/, '')))
      paths!.reader.fault(key, '* may stand alone or as the last segment only');
    else if (normal === null) paths!.reader.fault(key, 'it is no path that a request can have');
    else if (known.has(normal)) paths!.reader.fault(key, `there is another rule for ${normal}; keep one of them`);
    else known.set(normal, limitsOf(below.reader, 'defaultRate', 'types'));
  }
  return [...known];
}

/** As path rules are matched: `product`, `/product/` and `/product` are the same. */
function ruleKeyOf(key: string): string | null {
  const written = normalRuleKey(key);
  if (written === '*' || written === '/*') return '*';
  const isPrefix = written.endsWith('/*');
  const path = normalPath(encodeURI(isPrefix ? written.slice(0, -2) : written).replaceAll('%25', '%'));
  if (path === null) return null;
  return isPrefix ? (path === '/' ? '*' : `${path}/*`) : path;
}

function warningsOf(parts: PlanParts, reader: RecordReader, pointer: string): RateProblem[] {
  const { channel, eachPath, paths, identifier } = parts;
  const all = [channel, eachPath, ...paths.map(([, limits]) => limits)];
  if (!all.some(limitsAnybody))
    return [{ pointer, message: 'it is enabled and limits nobody: each limit is -1, or missing' }];
  const names = ['globalTypes', 'pathsTypes'] as const;
  return names.flatMap((name, index) => {
    const keys = [...(index === 0 ? channel : eachPath).byType.keys()];
    const idle = keys.filter((key) => (key === 'ip' ? identifier === 'user' : identifier === 'ip'));
    return idle.map((key) => ({
      pointer: `${reader.pointerTo(name)}/${pointerToken(key)}`,
      message: `it has no effect while identifier is ${identifier}`,
    }));
  });
}

/** Limits of a path, and whether each path below has buckets of its own. */
interface PathLimits {
  readonly limits: ScopedLimits;
  readonly countsEachPath: boolean;
}

const LONGEST_WHO = 256;

class CompiledUserRatePlan implements UserRatePlan {
  readonly service: string | null;
  private readonly countsUsers: boolean;
  private readonly countsAddresses: boolean;
  private readonly channel: ScopedLimits;
  /** Null: no path is limited. */
  private readonly paths: PathRules<PathLimits> | null;

  constructor({ service, identifier, frame, channel, eachPath, paths }: PlanParts) {
    this.service = service;
    this.countsUsers = identifier !== 'ip';
    this.countsAddresses = identifier !== 'user';
    this.channel = new ScopedLimits(frame, channel, null);
    const rules = paths.map(
      ([key, limits]) => [key, { limits: new ScopedLimits(frame, limits, key), countsEachPath: false }] as const,
    );
    const limitsPaths = [eachPath, ...paths.map(([, limits]) => limits)].some(limitsAnybody);
    const rest = { limits: new ScopedLimits(frame, eachPath, ''), countsEachPath: true };
    this.paths = limitsPaths ? new PathRules<PathLimits>(rules, rest) : null;
  }

  bucketsOf(request: RatedRequest): ChargedBucket[] {
    const buckets: ChargedBucket[] = [];
    this.add(buckets, this.channel, request, '');
    if (this.paths !== null) {
      const { limits, countsEachPath } = this.paths.find(request.path);
      this.add(buckets, limits, request, countsEachPath ? `${request.path}\n` : '');
    }
    return buckets;
  }

  private add(buckets: ChargedBucket[], limits: ScopedLimits, request: RatedRequest, prefix: string): void {
    const { userId, userType, address } = request;
    const user = this.countsUsers && userId !== null ? limits.user(userType) : null;
    if (user !== null) buckets.push(bucketOf(user, prefix, userId!));
    if (this.countsAddresses && limits.ip !== null) buckets.push(bucketOf(limits.ip, prefix, addressKey(address)));
  }
}

/** What a client chose is kept by digest where it is long. */
function bucketOf(spec: BucketSpec, prefix: string, whose: string): ChargedBucket {
  const who = prefix === '' ? whose : prefix + whose;
  return { spec, who: who.length > LONGEST_WHO ? hash('sha256', who, 'base64url') : who, entry: null };
}
