import type { Lifecycle } from '../contracts/drain.js';

/** Where this process stands; set by GatewayProcess alone. */
export class ProcessLifecycle implements Lifecycle {
  isLoaded = false;
  isListening = false;
  draining = false;

  get ready(): boolean {
    return this.isLoaded && this.isListening;
  }
}
