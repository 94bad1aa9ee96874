import type { IncomingMessage } from 'node:http';
import type { EdgeView, LowRateError, RequestView } from '../../contracts/edge-view.js';
import type { GatewayOptions } from '../../contracts/gateway-options.js';
import type { RequestFamily } from '../families/request.family.js';
import type { Pipeline } from '../pipeline.js';
import { errorBody } from '../respond/error-body.js';
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
    pushIds(headers, exchangeOf(request), status, this.parts.options);
    return headers;
  }

  errorBody(request: IncomingMessage, { name, status, message }: LowRateError): string {
    const exchange = exchangeOf(request);
    exchange.code = status;
    exchange.error = name;
    return errorBody({ status, code: status, message, payload: null }, exchange.requestId);
  }

  servesAlias(request: IncomingMessage): boolean {
    const exchange = exchangeOf(request);
    if (this.parts.routes.current.aliases.find(exchange.path) === null) return false;
    this.parts.pipeline.run(exchange, this.parts.family);
    return true;
  }
}
