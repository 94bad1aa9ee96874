import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiExtension, ApiForbiddenResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Writing } from '../directory.js';
import { preconditionOf } from '../input/if-match.js';
import { ErrorDto } from '../docs/error.dto.js';
import type { AdminRole } from '../roles.js';
import { actorOf, type Actor, type Administrator } from '../administrator.js';
import { administratorOf } from './admin-auth.guard.js';

export const NEEDED_ROLE = 'sluice:needed-role';

/** The least role that a route asks for, told to the guard and to the API's documentation alike. */
export const Needs = (role: AdminRole, summary: string): MethodDecorator =>
  applyDecorators(
    SetMetadata(NEEDED_ROLE, role),
    ApiOperation({ summary, description: `Needs the role ${role}.` }),
    ApiExtension('x-role', role),
    ApiForbiddenResponse({ type: ErrorDto, description: `The role ${role} is missing.` }),
  );

/** Who calls. */
export const ByWhom = createParamDecorator((_: unknown, context: ExecutionContext): Administrator =>
  administratorOf(context),
);
export const ByActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor =>
  actorOf(administratorOf(context)),
);

/** Who writes, and what the write is based on. */
export const AsWriting = createParamDecorator((_: unknown, context: ExecutionContext): Writing => {
  const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
  return { by: actorOf(administratorOf(context)), precondition: preconditionOf(headers['if-match']) };
});
