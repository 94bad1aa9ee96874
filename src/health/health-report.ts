import { Inject, Injectable } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorFunction } from '@nestjs/terminus';
import type { IncomingMessage } from 'node:http';
import { LIFECYCLE, type Lifecycle } from '../contracts/drain.js';
import { EDGE_VIEW, type EdgeView } from '../contracts/edge-view.js';
import { EVENT_LOOP, type EventLoop } from './event-loop.js';

export interface AllowedAddresses {
  has(address: string): boolean;
}
export const ALLOWED_ADDRESSES = Symbol('AllowedAddresses');

/** Past this the event loop counts as stuck: restarting is the only cure that a supervisor has. */
const STUCK_MS = 10_000;

export type HealthStatus = 'ok' | 'error';

/** What the probes say, each for its own reader. */
@Injectable()
export class HealthReport {
  // eslint-disable-next-line max-params -- what it reports on
  constructor(
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    @Inject(LIFECYCLE) private readonly lifecycle: Lifecycle,
    @Inject(EDGE_VIEW) private readonly edge: EdgeView,
    @Inject(EVENT_LOOP) private readonly loop: EventLoop,
    @Inject(ALLOWED_ADDRESSES) private readonly allowed: AllowedAddresses,
  ) {}

  /** Looks at the event loop only: no runner's or database's fault is cured by a restart. */
  live(): Promise<HealthStatus> {
    return this.statusOf(() => said(this.indicators.check('eventLoop'), this.loop.lagMs() < STUCK_MS));
  }

  /** The first complete load is in force, the listeners are open, and no shutdown has begun. */
  ready(): Promise<HealthStatus> {
    const isReady = this.lifecycle.ready && !this.lifecycle.draining;
    return this.statusOf(() => said(this.indicators.check('gateway'), isReady));
  }

  mayReadDetails(request: IncomingMessage): boolean {
    const view = this.edge.view(request);
    return !view.hidesClient && this.allowed.has(view.clientAddress);
  }

  private async statusOf(indicator: HealthIndicatorFunction): Promise<HealthStatus> {
    try {
      return (await this.checks.check([indicator])).status === 'ok' ? 'ok' : 'error';
    } catch {
      // Terminus says "down" by an exception.
      return 'error';
    }
  }
}

function said<K extends string>(
  indicator: ReturnType<typeof HealthIndicatorService.prototype.check<K>>,
  isUp: boolean,
) {
  return isUp ? indicator.up() : indicator.down();
}
