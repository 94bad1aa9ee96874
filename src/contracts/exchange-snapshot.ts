/** What an asynchronous request keeps of its exchange, to be executed later and perhaps elsewhere. Holds no credential. */
export interface ExchangeSnapshot {
  readonly requestId: string;
  readonly traceparent: string;
  readonly channel: string;
  readonly branch: string;
  readonly method: string;
  /** Path below the channel, normal form. */
  readonly path: string;
  readonly query: string;
  /** The client's parameters, requestMeta.origin and requestMeta.claims as JSON text. */
  readonly parameters: string;
  readonly origin: string;
  readonly claims: string;
  /** Epoch ms. */
  readonly startedAt: number;
}
