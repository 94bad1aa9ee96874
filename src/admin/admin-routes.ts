import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiHeader,
  ApiNotFoundResponse,
  ApiPreconditionFailedResponse,
  ApiSecurity,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { LowRate } from '../low-rate/low-rate.js';
import { AdminAuthGuard } from './access/admin-auth.guard.js';
import { DoorGuard } from './access/door.guard.js';
import { RoleGuard } from './access/role.guard.js';
import { ErrorDto } from './docs/error.dto.js';

export const ADMIN_MOUNT = 'admin/api/v1';

const answers = (tag: string): ClassDecorator & MethodDecorator =>
  applyDecorators(
    ApiTags(tag),
    ApiBadRequestResponse({ type: ErrorDto, description: 'Every fault of what was sent, by its JSON pointer.' }),
    ApiUnauthorizedResponse({ type: ErrorDto }),
    ApiTooManyRequestsResponse({ type: ErrorDto, description: 'Too many calls of this address; with Retry-After.' }),
    ApiServiceUnavailableResponse({ type: ErrorDto, description: 'The database cannot be had now.' }),
  );

/** A controller of the admin API for whoever has not logged in. */
export const OpenAdminController = (tag: string): ClassDecorator =>
  applyDecorators(Controller(ADMIN_MOUNT), LowRate(), UseGuards(DoorGuard), answers(tag));

/** A controller of the admin API for every administrator, whatever the roles. */
export const PersonalController = (tag: string): ClassDecorator =>
  applyDecorators(
    Controller(ADMIN_MOUNT),
    LowRate(),
    UseGuards(DoorGuard, AdminAuthGuard),
    ApiBearerAuth('token'),
    ApiSecurity('key'),
    answers(tag),
  );

/** A controller of the admin API for administrators: each route names the role that it needs. */
export const AdminController = (path: string, tag: string): ClassDecorator =>
  applyDecorators(
    Controller(`${ADMIN_MOUNT}/${path}`),
    LowRate(),
    UseGuards(DoorGuard, AdminAuthGuard, RoleGuard),
    ApiBearerAuth('token'),
    ApiSecurity('key'),
    answers(tag),
  );

/** A write that may name the version that it is based on. */
export const IfMatch = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({ name: 'If-Match', required: false, description: 'ETag of the version that the write is based on.' }),
    ApiPreconditionFailedResponse({ type: ErrorDto, description: 'It has changed meanwhile.' }),
    ApiNotFoundResponse({ type: ErrorDto }),
  );
