import type { GatewayOptions, HeaderOn } from '../../contracts/gateway-options.js';
import type { Exchange } from '../exchange.js';
import { mergedHeaders, SECURITY_HEADERS } from '../resolve/response-headers.js';
import { traceContext } from './trace-context.js';

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

/** The head lines of an answer that belongs to no request: a trace of its own, too. */
export function rawHeaders(requestId: string, status: number, options: GatewayOptions): string {
  const headers = options.securityHeaders ? mergedHeaders(SECURITY_HEADERS).slice() : [];
  if (isOn(options.requestIdHeaderOn, status)) headers.push(options.requestIdHeader, requestId);
  if (isOn(options.traceIdHeaderOn, status)) headers.push(options.traceIdHeader, traceContext({}, options).traceId);
  let lines = '';
  for (let index = 0; index < headers.length; index += 2) lines += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return lines;
}

function isOn(when: HeaderOn, status: number): boolean {
  return when === 'always' || (when === 'error' && status >= 400);
}
