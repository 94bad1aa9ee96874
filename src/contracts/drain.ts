/** Where this process stands between its start and its end. */
export interface Lifecycle {
  /** True once the first complete load is in force and the listeners are open, until the drain begins. */
  readonly ready: boolean;
  /** From SIGTERM on: answers carry Connection: close. */
  readonly draining: boolean;
}
export const LIFECYCLE = Symbol('Lifecycle');
