import type { IncomingMessage } from 'node:http';

/** What low-rate controllers (health, later admin) may know of a request that came through the gateway's edge. */
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
  /** Name of the table of errors. */
  readonly name: 'NOT_FOUND' | 'NOT_ALLOWED_ADDRESS' | 'INTERNAL';
  readonly status: number;
  readonly message: string;
}

export interface EdgeView {
  view(request: IncomingMessage): RequestView;
  /** Request and trace id headers that an answer with this status carries, and the security headers, as a flat list. */
  answerHeaders(request: IncomingMessage, status: number): readonly string[];
  /** The body of an error, as the pipeline makes it; log and metrics get the name. */
  errorBody(request: IncomingMessage, error: LowRateError): string;
  /** Serves a path by its alias, where a channel claims it; true when the reply is taken over. */
  servesAlias(request: IncomingMessage): boolean;
}
export const EDGE_VIEW = Symbol('EdgeView');
