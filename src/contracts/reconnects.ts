/** Told of each connection to a backend, so that ephemeral lookups (spec/components.md) are resolved again. Cheap: called on the hot path. */
export interface Reconnects {
  connected(): void;
}
export const RECONNECTS = Symbol('Reconnects');
