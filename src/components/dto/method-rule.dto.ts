import type { MethodRule, ResponseHeaders } from '../../contracts/records.js';
import { Field } from '../field.decorator.js';
import { RetryRuleDto } from './retry-rule.dto.js';

export class MethodRuleDto implements MethodRule {
  @Field({
    type: { list: 'string' },
    doc: 'Roles that may call the path with this method; an empty list or `*` lets every authenticated user in.',
  })
  readonly roles?: readonly string[];

  @Field({ type: 'boolean', doc: "Whether anybody may call the path with this method; replaces the path's isPublic." })
  readonly isPublic?: boolean;

  @Field({ type: { map: 'string' }, doc: 'Headers of every answer to this method: name to value.' })
  readonly responseHeaders?: ResponseHeaders;

  @Field({ type: () => RetryRuleDto, doc: "Retries of this method; replaces the path's." })
  readonly retry?: RetryRuleDto;
}
