import { All, Controller, Inject, Req, Res, type Type, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EDGE_VIEW, type EdgeView } from '../../contracts/edge-view.js';
import { LowRate } from '../../low-rate/low-rate.js';
import { Refused } from '../../low-rate/refused.js';
import { isMembers, membersAt, type Members } from '../runner/event-members.js';
import { IdentityHttpGuard } from './identity-http.guard.js';
import { eventOf, isEvent, plainAnswer, type HttpCall, type Service } from './plain-calls.js';
import { ServedRunners } from './served-runners.js';
import { tokenCookies } from './token-cookies.js';

/** A list of 10,000 origin keys, and more than any user has. */
const MOST_BODY_BYTES = 8 * 1024 * 1024;
const MOST_QUERY = 16_384;

interface PlainError {
  readonly status: number;
  readonly error: Members;
}

/** `/auth/{type}/…` and `/session/{type}/…`: the built-in servers for other gateways (identity.http.enabled). */
export function identityHttpController(service: Service): Type<unknown> {
  @Controller(service)
  @LowRate()
  @UseGuards(IdentityHttpGuard)
  class IdentityHttpController {
    constructor(
      @Inject(EDGE_VIEW) private readonly edge: EdgeView,
      @Inject(ServedRunners) private readonly runners: ServedRunners,
    ) {}

    @All('*')
    async handle(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Members> {
      const body = await this.edge.readJson(request.raw, MOST_BODY_BYTES);
      const call: HttpCall = { service, body, ...addressOf(request.url) };
      const event = JSON.stringify(eventOf(call));
      const runner = await this.runners.of(service);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const [type = '', ...names] = call.names;
      const asked = { method: request.method, target: `/${service}/${type}`, path: `/${names.join('/')}`, event };
      const answer = JSON.parse((await runner.handle(asked, gone.signal)).body) as Members;
      if (isEvent(body)) return answer;
      const plain = plainAnswer(call, answer);
      const { error } = plain.body;
      if (isMembers(error)) return this.told(request, reply, { status: plain.status, error });
      reply.code(plain.status).headers(tokenCookies(call, plain));
      return plain.body;
    }

    private told(request: FastifyRequest, reply: FastifyReply, { status, error }: PlainError): Members {
      const { retryAfter } = membersAt(error, 'safePayload');
      if (typeof retryAfter === 'number') reply.header('Retry-After', String(retryAfter));
      reply.code(status);
      return { error: { ...error, requestId: this.edge.view(request.raw).requestId } };
    }
  }
  return IdentityHttpController;
}

/** @throws Refused 400 for a path with bad escapes, 414 for a long query */
function addressOf(url: string): Pick<HttpCall, 'names' | 'query'> {
  const [path = '', query = ''] = url.split('?', 2);
  if (query.length > MOST_QUERY) throw new Refused('TARGET_TOO_LONG');
  try {
    const names = path
      .split('/')
      .slice(2)
      .filter((name) => name !== '')
      .map(decodeURIComponent);
    return { names, query: Object.fromEntries(new URLSearchParams(query)) };
  } catch {
    throw new Refused('PATH_INVALID');
  }
}
