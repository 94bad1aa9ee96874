import type { ReplicaInfo } from '../../contracts/replica.js';

/**
 * Request ids: `[prefix]-[instance number]-[local increment][partition suffix]`, e.g. `admin_prod-123-50001`
 * (spec/settings.md). Unique across replicas and restarts as far as the instance number is. The workers of
 * a host may have one instance number: their increments never meet.
 */
export class RequestIds {
  private increment: number;
  private readonly step: number;
  private readonly suffix: string;
  private readonly stem: string;
  private readonly inFlight = new Set<string>();

  constructor(prefix: string, replica: Pick<ReplicaInfo, 'instance' | 'workers' | 'firstIncrement' | 'partition'>) {
    this.stem = `${prefix}-${replica.instance}-`;
    this.suffix = replica.partition;
    this.step = replica.workers;
    this.increment = replica.firstIncrement - this.step;
  }

  next(): string {
    // Doubles count exactly to 2^53: at a million requests a second that is 285 years.
    return this.stem + (this.increment += this.step) + this.suffix;
  }

  /**
   * A client's id, if it can be one (at most 128 visible ASCII characters) and is not under way here already, as an id in our own
   * form may be now or soon: answers are never matched by a client's id alone. Must be given back with `release`.
   */
  adopt(id: string | undefined): string | null {
    if (id === undefined || id.length > 128 || !VISIBLE.test(id)) return null;
    if (this.inFlight.has(id) || id.startsWith(this.stem)) return null;
    this.inFlight.add(id);
    return id;
  }

  release(id: string): void {
    this.inFlight.delete(id);
  }
}

const VISIBLE = /^[\x21-\x7e]+$/;
