import type { IncomingMessage } from 'node:http';
import type { EdgeView, LowRateError, RequestView } from '../../contracts/edge-view.js';
import type { GatewayOptions } from '../../contracts/gateway-options.js';
import { readJsonValue } from '../families/request-body.js';
import type { RequestFamily } from '../families/request.family.js';
import type { Pipeline } from '../pipeline.js';
import { errorAnswer } from '../respond/error-body.js';
import type { RouteTable } from '../resolve/route-table.js';
import { pushIds } from './answer-ids.js';
import { exchangeOf, type EdgeRequest } from './edge-request.js';
import { clientAddress, plainAddress } from './origin.js';

interface ViewParts {
  readonly options: GatewayOptions;
  readonly routes: RouteTable;
  readonly pipeline: Pipeline;
  readonly family: RequestFamily;
  readonly plainHeaders: readonly string[];
}

/** Headers that tell of a proxy, also of one that does not tell the client's address. */
const FORWARDING = /^(forwarded|x-forwarded-.*|x-real-ip)$/;

/** A cache before us must not answer others with what is told to one. */
const NEVER_KEPT = ['Cache-Control', 'no-store'];

/** The edge as low-rate controllers see it: the same functions as in the pipeline. */
export class GatewayEdgeView implements EdgeView {
  constructor(private readonly parts: ViewParts) {}

  view(request: IncomingMessage): RequestView {
    const { head, requestId, trace } = exchangeOf(request);
    const { trustedProxies } = this.parts.options;
    const trustsPeer =
      trustedProxies.mode === 'addresses'
        ? trustedProxies.trusts(plainAddress(head.peer))
        : trustedProxies.mode !== 'none';
    return {
      requestId,
      traceId: trace.traceId,
      clientAddress: clientAddress(head.headers, head.peer, trustedProxies),
      hidesClient: !trustsPeer && Object.keys(head.headers).some((name) => FORWARDING.test(name)),
      isManagement: (request as EdgeRequest).cameBy === 'management',
    };
  }

  answerHeaders(request: IncomingMessage, status: number): readonly string[] {
    const headers = this.parts.plainHeaders.slice();
    const exchange = exchangeOf(request);
    if (exchange.addedHeaders !== null) headers.push(...exchange.addedHeaders);
    pushIds(headers, exchange, status, this.parts.options);
    return headers;
  }

  refuse(request: IncomingMessage, error: LowRateError): void {
    const exchange = exchangeOf(request);
    const { name, status, code, message, headers, cause } = error;
    exchange.error = name;
    exchange.cause ??= cause;
    const payload = error.payload === null ? null : JSON.stringify(error.payload);
    const answer = errorAnswer({ status, code, message, payload }, exchange.requestId, [...NEVER_KEPT, ...headers]);
    this.parts.pipeline.respond(exchange, answer);
  }

  readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
    return readJsonValue(exchangeOf(request), limitBytes);
  }

  servesAlias(request: IncomingMessage): boolean {
    const exchange = exchangeOf(request);
    if (this.parts.routes.current.aliases.find(exchange.path) === null) return false;
    this.parts.pipeline.run(exchange, this.parts.family);
    return true;
  }
}
