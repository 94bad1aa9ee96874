import type { PathRuleRecord, ResponseHeaders } from '../../contracts/records.js';
import { Field } from '../field.decorator.js';
import { CircuitBreakerDto } from './circuit-breaker.dto.js';
import { MethodRuleDto } from './method-rule.dto.js';
import { RetryRuleDto } from './retry-rule.dto.js';

export class PathRuleDto implements PathRuleRecord {
  @Field({ type: 'boolean', doc: 'Whether anybody may call the path (default false).' })
  readonly isPublic?: boolean;

  @Field({ type: 'boolean', doc: 'Whether every call of the path is answered with 403 (default false).' })
  readonly isDisabled?: boolean;

  @Field({ type: 'boolean', doc: 'Whether payloads are logged at level info instead of trace (default false).' })
  readonly logDetailAsInfo?: boolean;

  @Field({ type: 'boolean', doc: "Whether the payload of a runner's error reaches the client (default false)." })
  readonly returnErrorPayload?: boolean;

  @Field({ type: 'boolean', doc: 'Whether calls of the path may be audited (default false).' })
  readonly canAudit?: boolean;

  @Field({
    type: 'boolean',
    doc: "Whether the authentication server is asked each time instead of relying on the gateway's token (default false).",
  })
  readonly verifyAccessToken?: boolean;

  @Field({ type: { map: () => MethodRuleDto }, doc: 'Rules by HTTP method; `*` stands for all others.' })
  readonly methods?: Readonly<Record<string, MethodRuleDto>>;

  @Field({ type: { map: 'string' }, doc: 'Headers of every answer on the path: name to value.' })
  readonly responseHeaders?: ResponseHeaders;

  @Field({ type: () => RetryRuleDto, doc: 'When a call is tried again.' })
  readonly retry?: RetryRuleDto;

  @Field({
    type: () => CircuitBreakerDto,
    doc: 'When calls are held back from a failing backend.',
  })
  readonly circuitBreaker?: Readonly<Record<string, unknown>>;
}
