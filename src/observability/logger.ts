import { pino, type DestinationStream, type Logger } from 'pino';
import pinoPretty from 'pino-pretty';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  readonly gatewayId: string;
}

/** Structured log of the process: lines go to one buffered, asynchronous destination that is flushed on exit. */
export class ProcessLog {
  private readonly destination: FlushableStream;
  private readonly logger: Logger;
  private readonly timer: NodeJS.Timeout;
  /** Request lines that are not handed on yet: the destination costs a few µs a call. */
  private lines = '';

  constructor(options: LogOptions) {
    this.destination = destinationOf(options);
    this.logger = pino({ level: options.level, base: { gateway: options.gatewayId } }, this.destination);
    this.timer = setInterval(() => {
      this.flushLines();
      this.destination.flush?.();
    }, FLUSH_MS);
    this.timer.unref();
  }

  log(level: LogLevel, message: string, fields: LogFields = {}): void {
    this.flushLines();
    this.logger[level](fields, message);
  }

  isOn(level: LogLevel): boolean {
    return this.logger.isLevelEnabled(level);
  }

  /** A line that was written by hand: the request lines, since building them through pino costs several times as much. */
  writeLine(line: string): void {
    this.lines += line;
    if (this.lines.length > BUFFER_BYTES) this.flushLines();
  }

  /** In the order of what was logged: before any other line, and several times a second. */
  private flushLines(): void {
    if (this.lines === '') return;
    const { lines } = this;
    this.lines = '';
    this.destination.write(lines);
  }

  /** Resolves when everything that was logged is out, or the reader of the log does not take it. */
  close(): Promise<void> {
    clearInterval(this.timer);
    this.flushLines();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CLOSE_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      if (this.destination.flush === undefined) done();
      else this.destination.flush(done);
    });
  }
}

/** How long the end waits for a reader of the log that does not read. */
const CLOSE_MS = 2000;
const FLUSH_MS = 200;
/** Bytes that are collected before they are written: a write for each line would cost more than the line. */
const BUFFER_BYTES = 32_768;

type FlushableStream = DestinationStream & { flush?: (done?: () => void) => void };

function destinationOf(options: LogOptions): FlushableStream {
  if (options.format === 'pretty') {
    return pinoPretty({ destination: 1, sync: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname,gateway' });
  }
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: BUFFER_BYTES,
    maxWrite: 2 * BUFFER_BYTES,
    maxLength: MAX_WAITING_BYTES,
  });
  // A log that cannot be written must not stop the gateway.
  destination.on('error', () => undefined);
  return destination;
}

/** Past this the oldest way to lose is to drop what is new: a reader that hangs must not fill our memory. */
const MAX_WAITING_BYTES = 16_777_216;
