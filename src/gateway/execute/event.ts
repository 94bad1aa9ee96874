import type { Exchange } from '../exchange.js';
import { editedValue } from '../identify/claims/text-edits.js';
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
function payloadOf({ caller, channel, parameters }: Exchange): string {
  const { nobody } = channel!;
  const applied = caller?.applied ?? nobody;
  if (applied === null) return `{"parameters":${parameters}}`;
  // A guest has claims of its own kind, and stands in the place of no user's.
  const edit = caller?.isGuest === true ? (nobody?.parametersEdit ?? null) : null;
  return payloadText(edit === null ? parameters : editedValue(parameters, edit), applied);
}

export function requestMetaText(exchange: Exchange, origin: string): string {
  const { caller } = exchange;
  const { method } = exchange.head;
  const sessionId = exchange.session?.id ?? caller?.applied.sessionId ?? null;
  return (
    `{"id":${JSON.stringify(exchange.requestId)},"channel":${exchange.channel!.idText},"path":${JSON.stringify(exchange.runnerPath)},` +
    `"method":"${method === 'HEAD' ? 'GET' : method}","branch":${JSON.stringify(exchange.branch)},"origin":${origin},` +
    `"claims":${caller === null ? '{}' : caller.applied.claimsText},` +
    (sessionId === null ? '' : `"sessionId":${JSON.stringify(sessionId)},`) +
    `"startDT":${exchange.startedEpochMs}}`
  );
}
