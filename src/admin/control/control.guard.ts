import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { IdentityFault } from '../../contracts/identities.js';
import { type GateVerdict, TOKEN_GATE, type TokenGate } from '../../contracts/token-gate.js';
import { Refused } from '../../low-rate/refused.js';
import { ADMIN_OPTIONS, type AdminOptions, type ControlToken } from '../admin-options.js';
import { AdminAuthGuard, administratorOf } from '../access/admin-auth.guard.js';
import { roleMissing } from '../access/role.guard.js';

/**
 * Lets administrators with the role operator use the Control API; and, where control.controller.authToken names a token record, users of
 * that token with one of the roles. What is no administrator's credential may be such a token; an administrator without the role is
 * refused at once.
 */
@Injectable()
export class ControlGuard implements CanActivate {
  constructor(
    @Inject(AdminAuthGuard) private readonly administrators: AdminAuthGuard,
    @Inject(TOKEN_GATE) private readonly gate: TokenGate,
    @Inject(ADMIN_OPTIONS) private readonly options: AdminOptions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { gatewayId, controlToken } = this.options;
    const refused = await this.refusalOf(context);
    if (refused === null) {
      if (administratorOf(context).authority.has('operator', gatewayId)) return true;
      throw roleMissing('operator');
    }
    if (controlToken === null) throw refused;
    const { raw } = context.switchToHttp().getRequest<FastifyRequest>();
    const verdict = await this.gate.callerOf(raw, controlToken.record);
    if (verdict.kind === 'refused') throw worse(refused, verdict);
    if (hasRole(verdict.roles, controlToken)) return true;
    throw new Refused('ROLE_MISSING', { message: `this needs one of the roles ${controlToken.roles.join(', ')}` });
  }

  /** Why it is no administrator who calls; null: it is one. */
  private async refusalOf(context: ExecutionContext): Promise<Error | null> {
    try {
      await this.administrators.canActivate(context);
      return null;
    } catch (error) {
      if (error instanceof Refused || error instanceof IdentityFault) return error;
      throw error;
    }
  }
}

const hasRole = (had: readonly string[], { roles }: ControlToken): boolean =>
  roles.includes('*') || had.some((role) => roles.includes(role));

/** Of two reasons the one that says more: a credential that was looked at before none, a database that is away before all. */
function worse(refused: Error, { error }: Extract<GateVerdict, { kind: 'refused' }>): Error {
  if (refused instanceof IdentityFault && refused.status === 503) return refused;
  return error === 'TOKEN_MISSING' ? refused : new Refused(error);
}
