import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Refused } from '../../low-rate/refused.js';
import { ADMIN_OPTIONS, type AdminOptions } from '../admin-options.js';
import type { AdminRole } from '../roles.js';
import { administratorOf } from './admin-auth.guard.js';
import { NEEDED_ROLE } from './needs.decorator.js';

/** Lets on whoever has the role that the route asks for, on this gateway. A route that names none lets nobody on. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ADMIN_OPTIONS) private readonly options: AdminOptions,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const role = this.reflector.get<AdminRole | undefined>(NEEDED_ROLE, context.getHandler());
    if (role !== undefined && administratorOf(context).authority.has(role, this.options.gatewayId)) return true;
    throw roleMissing(role ?? 'admin');
  }
}

export const roleMissing = (role: AdminRole): Refused =>
  new Refused('ROLE_MISSING', { message: `this needs the role ${role} on this gateway` });
