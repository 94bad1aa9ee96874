import type { JsonObject } from './json.js';

/**
 * Tells every worker and replica of this gateway something small that all must know soon: a revocation, a forced breaker, a change of
 * configuration. Within one process it reaches its own subscribers; with several, each of them, in no promised order. What was said
 * while the way was down is kept for a while and sent then, but nobody can promise that all of it arrives: who must not miss anything
 * reads it from where it is stored, at the start and after each gap.
 */
export interface Broadcast {
  /**
   * Tells the subscribers of this process at once. Resolves when the message is handed on, or is kept until the way is free again (at
   * most 1,000 messages, each for 60 s). @throws Error where it is larger than 7,500 bytes
   */
  publish(topic: string, message: JsonObject): Promise<void>;
  /** Returns what ends the subscription. Listeners must not change the message. */
  subscribe(topic: string, listener: (message: JsonObject) => void): () => void;
  /** Told each time that the way to others stands again: they may have said what did not come here. Returns what ends it. */
  onGap(listener: (gap: Gap) => void): () => void;
}
export const BROADCAST = Symbol('Broadcast');

export interface Gap {
  /** The way was down for a time. Else it stands for the first time: what was said before was before anybody listened here. */
  readonly isAfterLoss: boolean;
}
