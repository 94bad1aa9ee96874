import type { Exchange } from '../exchange.js';
import type { RequestLog } from './request-log.js';
import type { RequestMetrics } from './request-metrics.js';

/** RECORD: after the reply, so that nobody waits for it. */
export class Recorder {
  constructor(
    private readonly metrics: RequestMetrics,
    private readonly log: RequestLog,
  ) {}

  record(exchange: Exchange): void {
    const endedAt = performance.now();
    // A call that its client did not wait for ends with it.
    if (exchange.calledAt !== 0 && exchange.calledTill === 0) exchange.calledTill = endedAt;
    this.metrics.count(exchange, endedAt);
    this.log.write(exchange, endedAt, exchange.detail);
  }
}
