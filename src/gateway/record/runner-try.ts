import type { AskedInstance, CallWitness } from '../../contracts/executor.js';
import type { RecordedTry } from '../../contracts/request-spans.js';
import { GatewayError } from '../../errors/gateway.error.js';

/** One try under way. Made for sampled traces only. */
export class RunnerTry implements RecordedTry, CallWitness {
  /** 0 while it lasts. */
  endedAt = 0;
  status: number | null = null;
  error: string | null = null;
  instance: AskedInstance | null = null;
  times = 0;

  constructor(
    readonly spanId: string,
    readonly startedAt: number,
  ) {}

  asked(instance: AskedInstance): void {
    this.instance = instance;
    this.times++;
  }

  /** @param error what the runner's event reports; null: nothing */
  answered(status: number, error: string | null = null): void {
    this.status = status;
    this.error = error;
  }

  ended(at: number): void {
    this.endedAt = at;
  }

  failed(fault: unknown): void {
    this.error = fault instanceof GatewayError ? fault.error : 'INTERNAL';
  }
}
