import type { ByteSource } from './bytes.js';
import type { Cancellation } from './executor.js';

export interface BackendRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Names and values, flat. */
  readonly headers: string[];
  readonly body: string | null;
}

export interface BackendReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: ByteSource;
}

/**
 * Calls of a backend that has several instances, made by whoever is no part of the data plane: found, balanced, pooled and bounded as
 * those of a system are.
 */
export interface BackendCalls {
  /** Host, where it is not the address that is called; flat. To be sent with every request. */
  readonly hostHeader: readonly string[];
  /** @throws GatewayError */
  stream(request: BackendRequest, cancellation: Cancellation): Promise<BackendReply>;
  /** Ends when calls under way have ended. */
  close(): Promise<void>;
}
