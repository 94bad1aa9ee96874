import type { GatewayOptions, HeaderOn } from '../../contracts/gateway-options.js';
import type { Exchange } from '../exchange.js';

/** Adds the request id and the trace id to a flat list of headers, as settings say. */
export function pushIds(headers: string[], exchange: Exchange, status: number, options: GatewayOptions): void {
  if (isOn(options.requestIdHeaderOn, status)) headers.push(options.requestIdHeader, exchange.requestId);
  if (isOn(options.traceIdHeaderOn, status)) headers.push(options.traceIdHeader, exchange.trace.traceId);
}

/** The headers that it may add, lower case: a runner cannot set these. */
export function idHeaderNames(options: GatewayOptions): ReadonlySet<string> {
  const names = new Set<string>();
  if (options.requestIdHeaderOn !== 'none') names.add(options.requestIdHeader.toLowerCase());
  if (options.traceIdHeaderOn !== 'none') names.add(options.traceIdHeader.toLowerCase());
  return names;
}

function isOn(when: HeaderOn, status: number): boolean {
  return when === 'always' || (when === 'error' && status >= 400);
}
