import { Inject, Injectable, ServiceUnavailableException } from '@nestjs/common';
import { FINDING_BOARD, type FindingBoard, type StandingFinding } from '../contracts/components.js';
import { FLEET, type Fleet, type WorkerStatus } from '../contracts/fleet.js';
import type { Metrics } from '../observability/metrics.js';
import { METRICS } from '../observability/tokens.js';

export interface HealthDetails {
  readonly faults: readonly StandingFinding[];
  /** Where there are several. */
  readonly workers?: readonly WorkerStatus[];
}

/** What operators are told of this host: of all its workers, whichever of them is asked. */
@Injectable()
export class FleetReport {
  constructor(
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(FINDING_BOARD) private readonly board: FindingBoard,
    @Inject(FLEET) private readonly fleet: Fleet | null,
  ) {}

  get metricsType(): string {
    return this.metrics.contentType;
  }

  /** @throws ServiceUnavailableException rather than to tell one worker's counts for those of all */
  async metricsText(): Promise<string> {
    if (this.fleet === null) return this.metrics.text();
    const told = await this.fleet.ask('metrics');
    if (told === null) throw new ServiceUnavailableException('the supervisor of the workers does not answer');
    const { togetherText } = await import('../observability/together.js');
    return togetherText(told.parts, told.past);
  }

  async details(): Promise<HealthDetails> {
    if (this.fleet === null) return { faults: this.board.standing() };
    const told = await this.fleet.ask('findings');
    if (told === null) return { faults: this.board.standing() };
    const faults = told.parts.flatMap((part) => JSON.parse(part) as StandingFinding[]);
    return { faults: distinct(faults), workers: told.workers };
  }
}

/** Workers find the same faults: each once, with the earliest moment. */
function distinct(findings: readonly StandingFinding[]): StandingFinding[] {
  const found = new Map<string, StandingFinding>();
  for (const finding of findings) {
    const key = JSON.stringify({ ...finding, since: null });
    const known = found.get(key);
    if (known === undefined || finding.since < known.since) found.set(key, finding);
  }
  return [...found.values()];
}
