import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { EDGE_VIEW, type EdgeView } from '../../contracts/edge-view.js';
import { Refused } from '../../low-rate/refused.js';

/** Digest of identity.http.token. */
export const HTTP_TOKEN_DIGEST = Symbol('HttpTokenDigest');

export const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Lets other gateways in, by the secret that they share. */
@Injectable()
export class IdentityHttpGuard implements CanActivate {
  constructor(
    @Inject(EDGE_VIEW) private readonly edge: EdgeView,
    @Inject(HTTP_TOKEN_DIGEST) private readonly expected: Buffer,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    http.getResponse<FastifyReply>().header('Cache-Control', 'no-store');
    if (this.edge.view(request.raw).isManagement) throw new Refused('NOT_FOUND');
    const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (given === undefined) throw new Refused('TOKEN_MISSING');
    if (!timingSafeEqual(digestOf(given), this.expected)) throw new Refused('TOKEN_INVALID');
    return true;
  }
}
