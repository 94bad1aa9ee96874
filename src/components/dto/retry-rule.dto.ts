import type { RetryRule } from '../../contracts/records.js';
import { Field } from '../field.decorator.js';

export class RetryFilterDto {
  @Field({ type: { list: 'integer' }, doc: 'Wire codes of failures that are tried again.' })
  readonly errorCodes?: readonly number[];

  @Field({ type: { list: 'integer' }, min: 400, max: 599, doc: 'HTTP statuses of the backend that are tried again.' })
  readonly httpStatusCodes?: readonly number[];

  @Field({ type: { list: 'string' }, doc: 'Texts in the message of a failure that is tried again.' })
  readonly errorTexts?: readonly string[];
}

export class RetryRuleDto implements RetryRule {
  @Field({ type: 'integer', min: 0, max: 2_147_483_647, doc: 'Milliseconds to wait before the next try.' })
  readonly retryAfter?: number;

  @Field({ type: 'integer', min: 0, max: 100, doc: 'How often a call is tried again.' })
  readonly retryCount?: number;

  @Field({ type: 'boolean', doc: 'Whether only calls that were never sent are tried again (default false).' })
  readonly onlyUnsent?: boolean;

  @Field({ type: () => RetryFilterDto, doc: 'Which failures are tried again, any one of them; without it all are.' })
  readonly filter?: RetryFilterDto;
}
