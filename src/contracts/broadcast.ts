import type { JsonObject } from './json.js';

/**
 * Tells every worker and replica of this gateway something small that all must know soon: a revocation, a forced breaker, a change of
 * configuration. Within one process it reaches its own subscribers; with several, each of them, at least once and in no promised order.
 */
export interface Broadcast {
  /** Resolves once the message is handed on. What cannot be handed on is kept, bounded, and sent when the way is free again. */
  publish(topic: string, message: JsonObject): Promise<void>;
  /** Returns what ends the subscription. */
  subscribe(topic: string, listener: (message: JsonObject) => void): () => void;
}
export const BROADCAST = Symbol('Broadcast');
