import { Flag, Whole } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

/** What requests may bring, and which families of endpoints there are. */
export class RequestSettings {
  @Setting('request.controller.enabled', { doc: 'whether the request endpoints exist; if not, they answer 404' })
  @Flag()
  readonly familyEnabled: boolean = true;

  @Setting('auth.controller.enabled', { doc: 'whether the auth endpoints exist; if not, they answer 404' })
  @Flag()
  readonly authFamilyEnabled: boolean = true;

  @Setting('throttle.auth.limit', { doc: 'calls a minute and address of the auth endpoints' })
  @Whole(1, 1_000_000_000)
  readonly authCallsPerMinute: number = 600;

  @Setting('rateLimiter.cache.maxSize', { doc: 'buckets of user rate limits that a process knows at once' })
  @Whole(1, 100_000_000)
  readonly mostBuckets: number = 10_000;

  @Setting('rateLimiter.cache.expiry', { doc: 'minutes after which a bucket that nobody uses is forgotten' })
  @Whole(1, 100_000)
  readonly bucketExpiryMinutes: number = 2;

  @Setting('request.maxSize', { doc: 'most bytes of a request body' })
  @Whole(0, Number.MAX_SAFE_INTEGER, 'no limit')
  readonly maxBodyBytes: number = -1;

  @Setting('codecs.memory.maxSize', { doc: 'most bytes buffered in memory for one body' })
  @Whole(1)
  readonly maxBufferedBytes: number = 1_024_000;

  @Setting('telemetry.trace.input.enabled', { doc: 'accept trace and span ids from the client (W3C traceparent, b3)' })
  @Flag()
  readonly acceptClientTrace: boolean = false;
}
