import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { getOptionsToken, getStorageToken, ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CALL_COUNTS } from '../../contracts/call-counts.js';
import { EDGE_VIEW, type EdgeView } from '../../contracts/edge-view.js';
import { Refused } from '../../low-rate/refused.js';
import { ADMIN_OPTIONS, type AdminOptions } from '../admin-options.js';
import { FirstAdministrator } from '../first-administrator.js';

const MINUTE_MS = 60_000;
/** Calls of administration are counted apart from those of the auth endpoints. */
const THROTTLER = 'admin';

/** What the throttler's guard takes: its own module is global, and would serve the auth endpoints as well. */
export const THROTTLER_PROVIDERS = [
  {
    provide: getOptionsToken(),
    inject: [ADMIN_OPTIONS],
    useFactory: ({ callsPerMinute: limit }: AdminOptions) => ({
      throttlers: [{ name: THROTTLER, ttl: MINUTE_MS, limit }],
      setHeaders: false,
    }),
  },
  { provide: getStorageToken(), useExisting: CALL_COUNTS },
];

/** The first guard of every route: bounds the calls of an address, and lets no cache keep an answer. */
@Injectable()
export class DoorGuard extends ThrottlerGuard {
  @Inject(EDGE_VIEW) private readonly edge!: EdgeView;
  @Inject(FirstAdministrator) private readonly first!: FirstAdministrator;

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    context.switchToHttp().getResponse<FastifyReply>().header('Cache-Control', 'no-store');
    const mayPass = await super.canActivate(context);
    // Whoever comes here wants to administer: there must be somebody who can.
    void this.first.ensure();
    return mayPass;
  }

  protected override getTracker(request: Record<string, unknown>): Promise<string> {
    return Promise.resolve(this.edge.view((request as unknown as FastifyRequest).raw).clientAddress);
  }

  protected override generateKey(_context: ExecutionContext, tracker: string): string {
    return tracker;
  }

  protected override throwThrottlingException(_context: ExecutionContext, detail: ThrottlerLimitDetail): never {
    throw new Refused('TOO_MANY_CALLS', { retryAfterSeconds: detail.timeToBlockExpire });
  }
}
