import { Field } from '../field.decorator.js';

export class CircuitBreakerDto {
  @Field({
    type: 'string',
    choices: ['COUNT_BASED', 'TIME_BASED'],
    doc: 'What the window counts (default COUNT_BASED).',
  })
  readonly slidingWindowType?: string;

  @Field({ type: 'integer', min: 1, doc: 'Length of the window in calls or seconds (default 100).' })
  readonly slidingWindowSize?: number;

  @Field({ type: 'number', min: 0, max: 100, doc: 'Percent of failed calls that opens the breaker (default 50).' })
  readonly failureRateThreshold?: number;

  @Field({ type: 'integer', min: 1, doc: 'Calls in the window before rates count (default 100).' })
  readonly minimumNumberOfCalls?: number;

  @Field({ type: 'integer', min: 1, doc: 'A call that takes longer, in milliseconds, is slow (default 60000).' })
  readonly slowCallDurationThreshold?: number;

  @Field({ type: 'number', min: 0, max: 100, doc: 'Percent of slow calls that opens the breaker (default 100).' })
  readonly slowCallRateThreshold?: number;

  @Field({ type: 'integer', min: 1, doc: 'Calls that a half-open breaker lets through (default 10).' })
  readonly permittedNumberOfCallsInHalfOpenState?: number;

  @Field({ type: 'boolean', doc: 'Whether an open breaker turns half-open by itself (default false).' })
  readonly automaticTransitionFromOpenToHalfOpenEnabled?: boolean;

  @Field({
    type: 'integer',
    min: 0,
    doc: 'Milliseconds that a breaker stays half-open at most; 0 without limit (default 0).',
  })
  readonly maxWaitDurationInHalfOpenState?: number;

  @Field({ type: 'integer', min: 1, doc: 'Milliseconds that a breaker stays open (default 60000).' })
  readonly waitDurationInOpenState?: number;
}
