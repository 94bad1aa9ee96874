import { GatewayError } from '../../../errors/gateway.error.js';
import type { Caller } from '../caller.js';

/** What comes of an API key. */
export type KeyOutcome =
  | { readonly kind: 'caller'; readonly caller: Caller }
  /** 401: refused, or nobody can be asked. The cause is for the log alone. */
  | { readonly kind: 'bad'; readonly cause: string }
  /** 502, 503 or 504. */
  | { readonly kind: 'failed'; readonly error: GatewayError };

export function failedFor(...given: ConstructorParameters<typeof GatewayError>): KeyOutcome {
  return { kind: 'failed', error: new GatewayError(...given) };
}

export function clientGone(): KeyOutcome {
  return failedFor('BACKEND_BROKE_OFF', { cause: 'the client has gone' });
}
