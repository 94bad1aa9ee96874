import { allowInsecureRequests, customFetch } from 'oauth4webapi';
import type { Cancellable, Cancellation } from '../../../contracts/executor.js';
import { GatewayError } from '../../../errors/gateway.error.js';
import type { OidcFetch, OidcMessage } from './oidc-http.js';
import type { OidcRules } from './oidc-rules.js';

export interface OidcCallBounds {
  /** Of all messages of the call together. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly cancellation: Cancellation;
}

/** How oauth4webapi sends the messages of one call. */
export interface MessageOptions {
  readonly [customFetch]: (url: string, message: OidcMessage) => Promise<Response>;
  readonly [allowInsecureRequests]: boolean;
}

/** One action at a provider, with all its messages: within one time, and only as long as somebody waits. Must be ended. */
export class OidcCall implements Cancellable {
  readonly options: MessageOptions;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(
    http: OidcFetch,
    rules: OidcRules,
    private readonly bounds: OidcCallBounds,
  ) {
    const { maxBytes, cancellation, timeoutMs } = bounds;
    const { signal } = this.controller;
    this.options = {
      [customFetch]: (url, message) => http.fetch(url, message, { signal, maxBytes }),
      [allowInsecureRequests]: rules.isPlainHttp,
    };
    this.timer = setTimeout(() => this.stop(new GatewayError('BACKEND_TIMEOUT')), Math.max(0, timeoutMs));
    cancellation.onCancel(this);
    if (cancellation.cancelled) this.cancel();
  }

  cancel(): void {
    this.stop(new GatewayError('BACKEND_BROKE_OFF', { cause: 'the client has gone' }));
  }

  /** Waits for what others wait for, too, no longer than this call may. @throws GatewayError */
  async waitFor<T>(work: T | Promise<T>): Promise<T> {
    const { signal } = this.controller;
    signal.throwIfAborted();
    if (!(work instanceof Promise)) return work;
    let stopped: () => void = () => undefined;
    const stop = new Promise<never>((_resolve, reject) => {
      stopped = () => reject(signal.reason as Error);
      signal.addEventListener('abort', stopped, { once: true });
    });
    try {
      return await Promise.race([work, stop]);
    } finally {
      signal.removeEventListener('abort', stopped);
    }
  }

  end(): void {
    clearTimeout(this.timer);
    this.bounds.cancellation.onCancel(null);
  }

  private stop(reason: GatewayError): void {
    if (!this.controller.signal.aborted) this.controller.abort(reason);
  }
}
