import type { Exchange } from '../exchange.js';

/**
 * The event envelope as JSON text (spec/runner-contract.md, "The event"). Built by concatenation: the client's parameters are spliced
 * in as they were written. requestMeta.auth is never in it.
 */
export function eventText(exchange: Exchange, origin: string): string {
  return (
    `{"requestMeta":${requestMetaText(exchange, origin)},"sagaMeta":[],"eventMeta":{"parameters":{},"requestTime":${Date.now()}},` +
    `"payload":{"parameters":${exchange.parameters}}}`
  );
}

export function requestMetaText(exchange: Exchange, origin: string): string {
  const { method } = exchange.head;
  return (
    `{"id":${JSON.stringify(exchange.requestId)},"channel":${exchange.channel!.idText},"path":${JSON.stringify(exchange.runnerPath)},` +
    `"method":"${method === 'HEAD' ? 'GET' : method}","branch":${JSON.stringify(exchange.branch)},"origin":${origin},"claims":{},` +
    `"startDT":${exchange.startedEpochMs}}`
  );
}
