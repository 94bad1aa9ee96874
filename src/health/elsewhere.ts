import { NotFoundException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { EdgeView } from '../contracts/edge-view.js';
import type { GatewayOptions } from '../contracts/gateway-options.js';

/** With a management listener, details and metrics are to be had there only. @throws NotFoundException */
export function refuseElsewhere(edge: EdgeView, options: GatewayOptions, request: FastifyRequest): void {
  if (options.hasManagementListener && !edge.view(request.raw).isManagement) {
    throw new NotFoundException('there is nothing at this path');
  }
}
