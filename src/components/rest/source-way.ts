export interface WayRequest {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WayAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Buffer>;
  /** Lets go of an answer whose body nobody reads. */
  readonly leave: () => void;
}

/** How requests reach a source. */
export interface SourceWay {
  /** @throws SourceFailure, or what the connection came to */
  send(request: WayRequest, signal: AbortSignal): Promise<WayAnswer>;
  /** Cuts off what is under way. */
  close(): Promise<void>;
}
