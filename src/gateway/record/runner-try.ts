import type { RecordedTry } from '../../contracts/request-spans.js';
import { GatewayError } from '../../errors/gateway.error.js';

/** One try under way. Made for sampled traces only. */
export class RunnerTry implements RecordedTry {
  /** 0 while it lasts. */
  endedAt = 0;
  status: number | null = null;
  error: string | null = null;

  constructor(
    readonly spanId: string,
    readonly startedAt: number,
  ) {}

  answered(status: number): void {
    this.status = status;
  }

  ended(at: number): void {
    this.endedAt = at;
  }

  failed(fault: unknown): void {
    this.error = fault instanceof GatewayError ? fault.error : 'INTERNAL';
  }
}
