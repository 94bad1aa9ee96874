import { Field } from '../../components/field.decorator.js';

export class RateLimiterDto {
  @Field({ type: 'integer', min: 1, doc: 'Length of a period in milliseconds.' })
  readonly refreshPeriod?: number;

  @Field({ type: 'integer', min: 1, doc: 'Requests that may begin in one period, per replica.' })
  readonly periodLimit?: number;

  @Field({ type: 'integer', min: 0, doc: 'Milliseconds that a request may wait for its turn.' })
  readonly timeoutDuration?: number;
}

export class BulkheadDto {
  @Field({ type: 'integer', min: 1, doc: 'Calls that may be under way at once, per replica.' })
  readonly maxConcurrentCalls?: number;

  @Field({ type: 'integer', min: 0, doc: 'Milliseconds that a request may wait for a place.' })
  readonly maxWait?: number;
}

const LIMIT = { type: 'number', min: -1 } as const;
const LIMITS_BY_TYPE = { type: { map: 'number' }, min: -1 } as const;

export class PathRateDto {
  @Field({ ...LIMIT, doc: 'Limit of the path for types without one of their own; -1 without limit (default -1).' })
  readonly defaultRate?: number;

  @Field({ ...LIMITS_BY_TYPE, doc: 'Limit by `user`, `ip` or user type.' })
  readonly types?: Readonly<Record<string, number>>;
}

export class UserRateLimitDto {
  @Field({
    type: 'string',
    doc: "Id of the service that keeps the counts; without it the gateway's only rate service.",
  })
  readonly service?: string;

  @Field({ type: 'boolean', doc: 'Whether the limit is in use.' })
  readonly isEnabled?: boolean;

  @Field({
    type: ['number', 'string'],
    min: 0,
    pattern: /^(?:\d+(?:\.\d+)?|P(?!$)(?:\d+W|(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?))$/,
    expected: 'a number of minutes or an ISO 8601 duration such as PT30S',
    doc: 'Period of the limits: minutes as a number, or an ISO 8601 duration.',
  })
  readonly period?: number | string;

  @Field({ type: 'string', choices: ['user', 'ip', 'both'], doc: 'Who is counted: the user id, the address, or both.' })
  readonly identifier?: string;

  @Field({ type: 'integer', min: 0, doc: 'Permits that a replica takes at once at most (default 5).' })
  readonly maxUnsynchronizedTokens?: number;

  @Field({ type: 'number', min: 0, doc: 'Seconds after which a replica gives permits back (default 30).' })
  readonly maxTimeoutBetweenSynchronization?: number;

  @Field({ type: 'boolean', doc: 'Whether requests that wait for one bucket share a call (default false).' })
  readonly useBatching?: boolean;

  @Field({ ...LIMIT, doc: 'Limit of the channel for types without one of their own; -1 without limit (default -1).' })
  readonly globalDefault?: number;

  @Field({ ...LIMIT, doc: 'Limit of each path without one of its own; -1 without limit (default -1).' })
  readonly pathsDefault?: number;

  @Field({ ...LIMITS_BY_TYPE, doc: 'Limit of the channel by `user`, `ip` or user type.' })
  readonly globalTypes?: Readonly<Record<string, number>>;

  @Field({ ...LIMITS_BY_TYPE, doc: 'Limit of each path by `user`, `ip` or user type.' })
  readonly pathsTypes?: Readonly<Record<string, number>>;

  @Field({ type: { map: () => PathRateDto }, doc: 'Limits of single paths.' })
  readonly paths?: Readonly<Record<string, PathRateDto>>;
}
