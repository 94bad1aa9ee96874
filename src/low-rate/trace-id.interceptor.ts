import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { tap } from 'rxjs';
import { EDGE_VIEW, type EdgeView } from '../contracts/edge-view.js';

/** Puts request and trace id and the security headers on an answer: the pipeline's own function, behind Nest's interface. */
@Injectable()
export class TraceIdInterceptor implements NestInterceptor {
  constructor(@Inject(EDGE_VIEW) private readonly edge: EdgeView) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    return next.handle().pipe(tap(() => setHeaders(reply, this.edge.answerHeaders(request.raw, reply.statusCode))));
  }
}

export function setHeaders(reply: FastifyReply, headers: readonly string[]): void {
  if (reply.sent) return;
  for (let index = 0; index < headers.length; index += 2) reply.header(headers[index]!, headers[index + 1]);
}
