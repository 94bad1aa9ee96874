import type { AliasRecord, ChannelRecord, Parameters, ResponseHeaders } from '../../contracts/records.js';
import { ProtectedDto } from '../../components/dto/protected.dto.js';
import { Field } from '../../components/field.decorator.js';
import { AliasDto } from './alias.dto.js';
import { BulkheadDto, RateLimiterDto, UserRateLimitDto } from './limits.dto.js';

/** What clients call: a target on a system, and who may call which path of it. */
export class ChannelDto extends ProtectedDto implements ChannelRecord {
  @Field({
    type: 'string',
    doc: 'Path (rpc, crud, rsocket) or topic (kafka) that stands for the channel at the backend.',
  })
  readonly target?: string;

  @Field({ type: 'string', minLength: 1, doc: 'Id of the system that serves the channel.' })
  readonly system?: string;

  @Field({ type: 'string', minLength: 1, doc: 'Protocol of a channel that needs no system of its own.' })
  readonly executor?: string;

  @Field({ type: { map: 'scalar' }, doc: "Parameters of the executor; they override the system's one by one." })
  readonly parameters?: Parameters;

  @Field({
    type: 'string',
    pattern: /^(?:[Gg][Ee][Tt]|[Pp][Oo][Ss][Tt]|[Pp][Uu][Tt]|[Pp][Aa][Tt][Cc][Hh]|[Dd][Ee][Ll][Ee][Tt][Ee])$/,
    expected: 'one of GET, POST, PUT, PATCH, DELETE',
    doc: "Method towards the backend (default: rpc POST, crud the client's).",
  })
  readonly method?: string;

  @Field({ type: 'boolean', doc: 'Whether every path may be audited (default false).' })
  readonly canAuditAll?: boolean;

  @Field({ type: { list: () => AliasDto }, doc: 'Root paths that serve a path of this channel.' })
  readonly aliases?: readonly AliasRecord[];

  @Field({ type: { list: 'string' }, doc: "Further headers of a runner's answer that may reach the client." })
  readonly allowedRunnerHeaders?: readonly string[];

  @Field({ type: { map: 'string' }, doc: 'Headers of every answer: name to value.' })
  readonly responseHeaders?: ResponseHeaders;

  @Field({ type: () => RateLimiterDto, doc: 'Limit of all requests of the channel.' })
  readonly rateLimiter?: RateLimiterDto;

  @Field({ type: () => BulkheadDto, doc: 'Limit of calls that are under way at once.' })
  readonly bulkhead?: BulkheadDto;

  @Field({ type: () => UserRateLimitDto, doc: 'Limits of single users and addresses.' })
  readonly userRateLimit?: UserRateLimitDto;
}
