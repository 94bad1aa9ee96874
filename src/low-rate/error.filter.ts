import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EDGE_VIEW, type EdgeView } from '../contracts/edge-view.js';
import { toldError } from './told-error.js';

/** Errors of low-rate controllers, answered as every error of the gateway is. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(@Inject(EDGE_VIEW) private readonly edge: EdgeView) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    http.getResponse<FastifyReply>().hijack();
    this.edge.refuse(http.getRequest<FastifyRequest>().raw, toldError(error));
  }
}
