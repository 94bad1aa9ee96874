import type { BackendCalls } from '../../contracts/backend-calls.js';
import type { ByteSink, ByteSource } from '../../contracts/bytes.js';
import { ParametersRejected, type Cancellable, type Cancellation } from '../../contracts/executor.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { reasonOf, SourceFailure } from './source-failure.js';
import type { SourceWay, WayAnswer, WayRequest } from './source-way.js';

/** To whichever instance of the source serves. */
export class BalancedWay implements SourceWay {
  private calls: BackendCalls | null = null;

  /** @param openCalls opened by the first request; one that is refused is tried again by the next. @throws ParametersRejected */
  constructor(private readonly openCalls: () => BackendCalls) {}

  async send({ method, path, headers, body }: WayRequest, signal: AbortSignal): Promise<WayAnswer> {
    signal.throwIfAborted();
    const calls = (this.calls ??= this.open());
    const flat = [...calls.hostHeader, ...Object.entries(headers).flat()];
    try {
      const request = { method, path, headers: flat, body: body ?? null };
      const { status, headers: given, body: source } = await calls.stream(request, new SignalCancellation(signal));
      return { status, headers: given, body: chunksOf(source), leave: () => source.cancel() };
    } catch (error) {
      throw failureOf(error);
    }
  }

  async close(): Promise<void> {
    const { calls } = this;
    this.calls = null;
    await calls?.close();
  }

  private open(): BackendCalls {
    try {
      return this.openCalls();
    } catch (error) {
      if (!(error instanceof ParametersRejected)) throw error;
      const faults = error.faults.map(
        ({ parameter, message }) => `${parameter.replace(/^(?:server\.)?/, 'config.loader.')} ${message}`,
      );
      throw new SourceFailure(`cannot be asked: ${faults.join('; ')}`, { cause: error, isOfAll: true });
    }
  }
}

const HELD_BACK: Readonly<Partial<Record<string, string>>> = {
  NO_INSTANCE: 'has no instance that can be asked',
  SYSTEM_BUSY: 'has no instance with a free connection',
  BACKEND_TIMEOUT: 'gave no answer in time',
};

function failureOf(error: unknown): unknown {
  if (!(error instanceof GatewayError)) return error;
  const isConnection = error.error === 'BACKEND_TIMEOUT' && error.cause !== undefined;
  const reason = isConnection ? undefined : HELD_BACK[error.error];
  return new SourceFailure(reason ?? reasonOf(error.cause), { cause: error, isOfAll: true });
}

/** An AbortSignal, for who takes none. */
class SignalCancellation implements Cancellation {
  private listener: Cancellable | null = null;

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', () => this.listener?.cancel(), { once: true });
  }

  get cancelled(): boolean {
    return this.signal.aborted;
  }

  onCancel(listener: Cancellable | null): void {
    this.listener = listener;
    if (listener !== null && this.cancelled) listener.cancel();
  }
}

/** One chunk at a time: the source pauses while nobody takes the next. */
async function* chunksOf(source: ByteSource): AsyncGenerator<Buffer> {
  const sink = new WaitingSink();
  source.deliver(sink);
  try {
    for (;;) {
      const chunk = sink.chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (sink.failure !== null) throw sink.failure;
      else if (sink.isOver) return;
      else {
        const more = sink.more();
        source.resume();
        await more;
      }
    }
  } finally {
    source.cancel();
  }
}

class WaitingSink implements ByteSink {
  readonly chunks: Buffer[] = [];
  isOver = false;
  failure: Error | null = null;
  private wake: () => void = () => undefined;

  /** Resolves with whatever comes next. */
  more(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  write(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    this.wake();
    return false;
  }

  end(): void {
    this.isOver = true;
    this.wake();
  }

  fail(error: Error): void {
    this.failure = error;
    this.wake();
  }
}
