import { Controller, ForbiddenException, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EDGE_VIEW, type EdgeView } from '../contracts/edge-view.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from '../contracts/gateway-options.js';
import { ERRORS } from '../errors/error-table.js';
import { refuseElsewhere } from './elsewhere.js';
import { FleetReport } from './fleet-report.js';
import { HealthReport } from './health-report.js';
import { LowRate } from '../low-rate/low-rate.js';

/** `/metrics` in Prometheus' text format, for allowed addresses only. A channel's alias `metrics` wins over it. */
@LowRate()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly report: HealthReport,
    @Inject(EDGE_VIEW) private readonly edge: EdgeView,
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
    private readonly fleet: FleetReport,
  ) {}

  @Get()
  async text(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    if (!this.edge.view(request.raw).isManagement && this.edge.servesAlias(request.raw)) {
      reply.hijack();
      return undefined;
    }
    refuseElsewhere(this.edge, this.options, request);
    if (!this.report.mayReadDetails(request.raw)) throw new ForbiddenException(ERRORS.NOT_ALLOWED_ADDRESS.message);
    reply.header('Content-Type', this.fleet.metricsType);
    return this.fleet.metricsText();
  }
}
