import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';

/** Writes what a controller returns in the form that channels answer in: JSON, typed as channels type it. Text passes as it is. */
@Injectable()
export class FormatInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((value: unknown) => {
        if (typeof value === 'string' || value === undefined || reply.sent) return value;
        reply.header('Content-Type', 'application/json');
        // As bytes: to the type of text Fastify adds a charset.
        return Buffer.from(JSON.stringify(value));
      }),
    );
  }
}
