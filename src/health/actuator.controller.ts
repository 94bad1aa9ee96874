import { Controller, ForbiddenException, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EDGE_VIEW, type EdgeView } from '../contracts/edge-view.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from '../contracts/gateway-options.js';
import { ERRORS } from '../errors/error-table.js';
import { refuseElsewhere } from './elsewhere.js';
import { FleetReport, type HealthDetails } from './fleet-report.js';
import { HealthReport, type HealthStatus } from './health-report.js';
import { LowRate } from '../low-rate/low-rate.js';

interface ActuatorHealth {
  readonly status: 'UP' | 'DOWN';
  readonly details?: HealthDetails;
}

/** The paths that the original's monitors ask (spec/apis.md). */
@LowRate()
@Controller('actuator')
export class ActuatorController {
  constructor(
    private readonly report: HealthReport,
    @Inject(EDGE_VIEW) private readonly edge: EdgeView,
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
    private readonly fleet: FleetReport,
  ) {}

  @Get('health')
  async health(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ActuatorHealth> {
    refuseElsewhere(this.edge, this.options, request);
    const health = answered(reply, await this.report.ready());
    return this.report.mayReadDetails(request.raw) ? { ...health, details: await this.fleet.details() } : health;
  }

  @Get('health/liveness')
  async liveness(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ActuatorHealth> {
    refuseElsewhere(this.edge, this.options, request);
    return answered(reply, await this.report.live());
  }

  @Get('health/readiness')
  async readiness(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ActuatorHealth> {
    refuseElsewhere(this.edge, this.options, request);
    return answered(reply, await this.report.ready());
  }

  @Get('info')
  info(@Req() request: FastifyRequest): { readonly gateway: { readonly id: string } } {
    this.refuseStrangers(request);
    return { gateway: { id: this.options.gatewayId } };
  }

  @Get('prometheus')
  async prometheus(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    this.refuseStrangers(request);
    reply.header('Content-Type', this.fleet.metricsType);
    return this.fleet.metricsText();
  }

  private refuseStrangers(request: FastifyRequest): void {
    refuseElsewhere(this.edge, this.options, request);
    if (!this.report.mayReadDetails(request.raw)) throw new ForbiddenException(ERRORS.NOT_ALLOWED_ADDRESS.message);
  }
}

function answered(reply: FastifyReply, status: HealthStatus): ActuatorHealth {
  reply.code(status === 'ok' ? 200 : 503);
  return { status: status === 'ok' ? 'UP' : 'DOWN' };
}
