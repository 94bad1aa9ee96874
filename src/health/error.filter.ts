import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EDGE_VIEW, type EdgeView, type LowRateError } from '../contracts/edge-view.js';
import { setHeaders } from './trace-id.interceptor.js';

const NAMES: Readonly<Record<number, LowRateError['name']>> = { 403: 'NOT_ALLOWED_ADDRESS', 404: 'NOT_FOUND' };

/** Errors of low-rate controllers, in the body that every error of the gateway has. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(@Inject(EDGE_VIEW) private readonly edge: EdgeView) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const status = error instanceof HttpException ? error.getStatus() : 500;
    const name = NAMES[status] ?? 'INTERNAL';
    const message = error instanceof HttpException ? error.message : 'the gateway failed to handle this request';
    setHeaders(reply, this.edge.answerHeaders(request.raw, status));
    void reply
      .code(status)
      .header('Content-Type', 'application/json')
      // As bytes: to the type of text Fastify adds a charset.
      .send(Buffer.from(this.edge.errorBody(request.raw, { name, status, message })));
  }
}
