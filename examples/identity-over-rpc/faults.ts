import { setTimeout as delay } from 'node:timers/promises';
import { jsonReply, type Reply } from '../runner-kit/reply.js';

/** How an action misbehaves. Set by whoever runs the server, never by a client. */
export interface Fault {
  /** Waits so long before it answers, or fails. */
  readonly latencyMs?: number;
  /**
   * `hang`: no answer until the caller goes. `garbage`: no JSON. `html`: a page, as a proxy in between would send.
   * `error`: HTTP 500 without an event. `reset`: the connection breaks off.
   */
  readonly answer?: 'hang' | 'garbage' | 'html' | 'error' | 'reset';
}

/** The bad answer, null where the action goes on and answers by itself. @throws AbortError when the caller goes. */
export async function suffer({ latencyMs = 0, answer }: Fault, signal: AbortSignal): Promise<Reply | null> {
  if (latencyMs > 0) await delay(latencyMs, undefined, { signal });
  if (answer === undefined) return null;
  switch (answer) {
    case 'hang':
      await goneCaller(signal);
      return jsonReply(200, {});
    case 'garbage':
      return { status: 200, body: '{"payload": {"token": ' };
    case 'html':
      return { status: 200, body: '<html><body>Log in</body></html>', headers: { 'content-type': 'text/html' } };
    case 'error':
      return jsonReply(500, { error: { code: 500, message: 'The identity server failed.' } });
    case 'reset':
      return { status: 200, body: '', reset: true };
  }
}

function goneCaller(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
