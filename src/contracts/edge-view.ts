import type { IncomingMessage } from 'node:http';

/** Which of the gateway's listeners a request came to. */
export type ListenerKind = 'public' | 'management';

/** What low-rate controllers (health, admin) may know of a request that came through the gateway's edge. */
export interface RequestView {
  readonly requestId: string;
  readonly traceId: string;
  /** The client's address, as far as proxies are trusted. */
  readonly clientAddress: string;
  /** True where forwarding headers came from a peer that is not trusted: nobody knows who is behind it. */
  readonly hidesClient: boolean;
  /** True where the request came over the management listener. */
  readonly isManagement: boolean;
}

export interface LowRateError {
  /** Name of the table of errors, for log and metrics. */
  readonly name: string;
  readonly code: number;
  readonly status: number;
  readonly message: string;
  /** Further headers of the answer, as a flat list. */
  readonly headers: readonly string[];
  /** What stands in error.payload; null: nothing. */
  readonly payload: unknown;
  /** For the log alone; null: there is none. */
  readonly cause: unknown;
}

export interface EdgeView {
  view(request: IncomingMessage): RequestView;
  /** Request and trace id headers that an answer with this status carries, and the security headers, as a flat list. */
  answerHeaders(request: IncomingMessage, status: number): readonly string[];
  /** Answers with an error, as the pipeline does. The reply must have been taken from Fastify. */
  refuse(request: IncomingMessage, error: LowRateError): void;
  /**
   * The body as JSON, `{}` where there is none. @throws GatewayError where it is too large, no JSON, too deep, of another type, or
   * does not come
   */
  readJson(request: IncomingMessage, limitBytes: number): Promise<unknown>;
  /** Serves a path by its alias, where a channel claims it; true when the reply is taken over. */
  servesAlias(request: IncomingMessage): boolean;
}
export const EDGE_VIEW = Symbol('EdgeView');
