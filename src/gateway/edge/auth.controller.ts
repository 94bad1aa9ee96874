import {
  All,
  Catch,
  Controller,
  Inject,
  Injectable,
  Req,
  Res,
  UseFilters,
  UseGuards,
  type ArgumentsHost,
  type ExceptionFilter,
  type ExecutionContext,
} from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUTH_MOUNT } from '../flows/flow-path.js';
import type { AuthFlows } from '../flows/auth-flows.js';
import type { Pipeline } from '../pipeline.js';
import { refusal, type Refusal } from '../stage.js';
import { exchangeOf, type EdgeRequest } from './edge-request.js';
import { clientAddress } from './origin.js';
import type { TrustedProxies } from '../../contracts/trusted-proxies.js';

const NOT_FOUND = refusal('NOT_FOUND');
const TOO_MANY_CALLS = refusal('TOO_MANY_CALLS');

/** What the auth controller hands its requests to. */
export interface AuthDispatch {
  readonly pipeline: Pipeline;
  readonly flows: AuthFlows;
  readonly proxies: TrustedProxies;
}
export const AUTH_DISPATCH = Symbol('AuthDispatch');

class TooManyCalls extends Error {
  constructor(
    readonly retryAfterSeconds: number,
    readonly most: number,
    readonly periodMs: number,
  ) {
    super('too many calls of an address');
  }
}

/** throttle.auth.limit: calls a minute and address. */
@Injectable()
export class AuthThrottlerGuard extends ThrottlerGuard {
  @Inject(AUTH_DISPATCH) private readonly dispatch!: AuthDispatch;

  /** The client as origin.ip tells. */
  protected override getTracker(request: Record<string, unknown>): Promise<string> {
    const { headers, peer } = exchangeOf((request as unknown as FastifyRequest).raw).head;
    return Promise.resolve(clientAddress(headers, peer, this.dispatch.proxies));
  }

  protected override generateKey(_context: ExecutionContext, tracker: string): string {
    return tracker;
  }

  protected override shouldSkip(context: ExecutionContext): Promise<boolean> {
    return Promise.resolve(context.switchToHttp().getRequest<FastifyRequest>().method === 'OPTIONS');
  }

  protected override throwThrottlingException(_context: ExecutionContext, detail: ThrottlerLimitDetail): never {
    throw new TooManyCalls(detail.timeToBlockExpire, detail.limit, detail.ttl);
  }
}

/** Answers as the pipeline does. */
@Catch(TooManyCalls)
@Injectable()
export class TooManyCallsFilter implements ExceptionFilter<TooManyCalls> {
  constructor(@Inject(AUTH_DISPATCH) private readonly dispatch: AuthDispatch) {}

  catch({ retryAfterSeconds, most, periodMs }: TooManyCalls, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    http.getResponse<FastifyReply>().hijack();
    const refused: Refusal = { ...TOO_MANY_CALLS, retryAfterSeconds };
    const exchange = exchangeOf(http.getRequest<FastifyRequest>().raw);
    exchange.limit = { rule: 'auth', scope: 'address', most, periodMs };
    this.dispatch.pipeline.serve(exchange, () => Promise.resolve(refused));
  }
}

/** `/api/auth/{action}/{channel}[/{type}]`: low-rate, so that Nest's guard may stand before it. */
@Controller(AUTH_MOUNT)
@UseGuards(AuthThrottlerGuard)
@UseFilters(TooManyCallsFilter)
export class AuthController {
  constructor(@Inject(AUTH_DISPATCH) private readonly dispatch: AuthDispatch) {}

  @All(['', '*'])
  handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    reply.hijack();
    const { pipeline, flows } = this.dispatch;
    const exchange = exchangeOf(request.raw);
    if ((request.raw as EdgeRequest).cameBy === 'management') pipeline.respond(exchange, NOT_FOUND);
    else pipeline.serve(exchange, (each) => flows.answer(each));
  }
}
