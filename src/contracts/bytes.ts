/** Takes bytes. `write` returns false to ask for a pause; who paused calls `resume` of the source. */
export interface ByteSink {
  write(chunk: Buffer): boolean;
  end(): void;
  fail(error: Error): void;
}

/**
 * Bytes that come over time, read once, with back-pressure: the least that carries a body through the gateway without a stream
 * object on either side. Holds what came before a sink was attached, and pauses its origin past a bound.
 */
export interface ByteSource {
  /** All bytes, where they are here already; null: attach a sink. */
  whole(): Buffer | null;
  /** Begins to deliver; at most once. */
  deliver(sink: ByteSink): void;
  resume(): void;
  /** Stops and releases the origin; safe at any time. */
  cancel(): void;
}
