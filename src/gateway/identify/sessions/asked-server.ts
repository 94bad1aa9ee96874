import { GatewayError } from '../../../errors/gateway.error.js';
import { BackOff } from './back-off.js';
import type { SessionCounts } from './session-counts.js';
import type { SessionOutcome } from './session-client.js';

/** Hears once that a server is away, and once that it is back. */
export interface SessionReport {
  away(channel: string, what: 'touch' | 'extend', error: GatewayError): void;
  back(channel: string, what: 'touch' | 'extend'): void;
}

/** A session server as one kind of call finds it: that extensions fail must not keep origins from being touched. */
export class AskedServer {
  private readonly backOff = new BackOff();

  constructor(
    private readonly channel: string,
    private readonly what: 'touch' | 'extend',
    private readonly report: SessionReport,
    private readonly counts: SessionCounts,
  ) {}

  get isAway(): boolean {
    return this.backOff.isAway;
  }

  mayAsk(nowMs: number): boolean {
    return this.backOff.mayAsk(nowMs);
  }

  msLeft(nowMs: number): number {
    return this.backOff.msLeft(nowMs);
  }

  heard(outcome: SessionOutcome, nowMs: number): void {
    if (outcome.kind !== 'answered') this.counts.failures++;
    if (outcome.kind === 'answered' || outcome.kind === 'refused') return this.worked();
    const wasAway = this.isAway;
    this.backOff.failed(nowMs);
    const error = outcome.kind === 'failed' ? outcome.error : new GatewayError('CHANNEL_UNKNOWN');
    if (!wasAway) this.report.away(this.channel, this.what, error);
  }

  private worked(): void {
    if (!this.isAway) return;
    this.backOff.worked();
    this.report.back(this.channel, this.what);
  }
}
