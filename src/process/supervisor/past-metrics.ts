import { lasting, together, type MetricValues } from '../../observability/together.js';

/** What workers counted that ended, or that do not answer just now: the last that they told. */
export class PastMetrics {
  private readonly last = new Map<number, string>();
  private ended: readonly MetricValues[] = [];

  told(slot: number, text: string): void {
    this.last.set(slot, text);
  }

  /** A worker ended: what it counted stays in the sums. */
  endedAt(slot: number): void {
    const text = this.last.get(slot);
    if (text === undefined) return;
    this.last.delete(slot);
    this.ended = together([this.ended, lasting(JSON.parse(text) as MetricValues[])]);
  }

  /** JSON of what those counted that ended, and of the last that these told. */
  of(silent: readonly number[]): string[] {
    const ended = this.ended.length === 0 ? [] : [JSON.stringify(this.ended)];
    return [...ended, ...silent.flatMap((slot) => this.last.get(slot) ?? [])];
  }
}
