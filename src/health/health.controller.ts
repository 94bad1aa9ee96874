import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BACKEND_STATES, type BackendStates } from '../contracts/backends.js';
import { EDGE_VIEW, type EdgeView } from '../contracts/edge-view.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from '../contracts/gateway-options.js';
import { shownBackends, type ShownBackend } from './shown-backends.js';
import { refuseElsewhere } from './elsewhere.js';
import { FleetReport, type HealthDetails } from './fleet-report.js';
import { HealthReport, type HealthStatus } from './health-report.js';
import { LowRate } from '../low-rate/low-rate.js';

interface Health extends Partial<HealthDetails> {
  readonly status: HealthStatus;
  readonly backends?: readonly ShownBackend[];
}

/** `/health/live`, `/health/ready`, `/health` (spec/apis.md). */
@LowRate()
@Controller('health')
export class HealthController {
  // eslint-disable-next-line max-params -- what it tells of
  constructor(
    private readonly report: HealthReport,
    private readonly fleet: FleetReport,
    @Inject(EDGE_VIEW) private readonly edge: EdgeView,
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
    @Inject(BACKEND_STATES) private readonly states: BackendStates,
  ) {}

  @Get('live')
  async live(@Res({ passthrough: true }) reply: FastifyReply): Promise<Health> {
    return answered(reply, await this.report.live());
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Health> {
    return answered(reply, await this.report.ready());
  }

  /** Details for allowed addresses, the bare status for others. A channel's alias `health` wins over it. */
  @Get()
  async details(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Health | undefined> {
    if (!this.edge.view(request.raw).isManagement && this.edge.servesAlias(request.raw)) {
      reply.hijack();
      return undefined;
    }
    refuseElsewhere(this.edge, this.options, request);
    const { status } = answered(reply, await this.report.ready());
    if (!this.report.mayReadDetails(request.raw)) return { status };
    const backends = shownBackends(this.states);
    return { status, ...(await this.fleet.details()), ...(backends.length > 0 && { backends }) };
  }
}

function answered(reply: FastifyReply, status: HealthStatus): Health {
  reply.code(status === 'ok' ? 200 : 503);
  return { status };
}
