import type { Exchange } from '../exchange.js';
import { payloadText } from '../identify/claims/payload-text.js';

/**
 * The event envelope as JSON text (spec/runner-contract.md, "The event"). Built by concatenation: the client's parameters are spliced
 * in as they were written. requestMeta.auth is never in it.
 */
export function eventText(exchange: Exchange, origin: string): string {
  return (
    `{"requestMeta":${requestMetaText(exchange, origin)},"sagaMeta":[],"eventMeta":{"parameters":{},"requestTime":${Date.now()}},` +
    `"payload":${payloadOf(exchange)}}`
  );
}

/** What the token's claims add goes over what the client sent. */
function payloadOf({ caller, parameters }: Exchange): string {
  return caller === null ? `{"parameters":${parameters}}` : payloadText(parameters, caller.applied);
}

export function requestMetaText(exchange: Exchange, origin: string): string {
  const { caller } = exchange;
  const { method } = exchange.head;
  const sessionId = caller?.applied.sessionId ?? null;
  return (
    `{"id":${JSON.stringify(exchange.requestId)},"channel":${exchange.channel!.idText},"path":${JSON.stringify(exchange.runnerPath)},` +
    `"method":"${method === 'HEAD' ? 'GET' : method}","branch":${JSON.stringify(exchange.branch)},"origin":${origin},` +
    `"claims":${caller === null ? '{}' : caller.applied.claimsText},` +
    (sessionId === null ? '' : `"sessionId":${JSON.stringify(sessionId)},`) +
    `"startDT":${exchange.startedEpochMs}}`
  );
}
