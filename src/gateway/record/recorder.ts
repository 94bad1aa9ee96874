import type { RequestSpans } from '../../contracts/request-spans.js';
import type { Exchange } from '../exchange.js';
import { hasSpans, recordedRequest } from './recorded-request.js';
import type { RequestLog } from './request-log.js';
import type { RequestMetrics } from './request-metrics.js';

/** RECORD: after the reply, so that nobody waits for it. */
export class Recorder {
  constructor(
    private readonly metrics: RequestMetrics,
    private readonly log: RequestLog,
    private readonly spans: RequestSpans | null,
  ) {}

  record(exchange: Exchange): void {
    const endedAt = performance.now();
    // A call that its client did not wait for ends with it.
    if (exchange.calledAt !== 0 && exchange.calledTill === 0) exchange.calledTill = endedAt;
    this.metrics.count(exchange, endedAt);
    this.log.write(exchange, endedAt, exchange.detail);
    if (this.spans !== null && hasSpans(exchange) && exchange.trace.sampled)
      this.spans.record(recordedRequest(exchange, endedAt));
  }
}
