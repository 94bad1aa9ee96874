import { pino, type DestinationStream, type Logger } from 'pino';
import pinoPretty from 'pino-pretty';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  readonly gatewayId: string;
  /** Number of this worker, where there are several. */
  readonly worker?: number | null;
  /** Other processes write to the same place: what is written at once must be whole there. */
  readonly sharesOutput?: boolean;
}

/** Structured log of the process: lines go to one buffered, asynchronous destination that is flushed on exit. */
export class ProcessLog {
  private readonly destination: FlushableStream;
  private readonly logger: Logger;
  private readonly timer: NodeJS.Timeout;
  /** Request lines that are not handed on yet: the destination costs a few µs a call. */
  private lines = '';
  private readonly mostBytes: number;
  /** What request lines begin with, before their own members; null where there is nothing to add. */
  private readonly head: string | null;

  constructor(options: LogOptions) {
    const worker = options.worker ?? null;
    this.mostBytes = mostBytesOf(options);
    this.head = worker === null ? null : `{"worker":${worker},`;
    this.destination = destinationOf(options);
    const base = { gateway: options.gatewayId, ...(worker !== null && { worker }) };
    this.logger = pino({ level: options.level, base }, this.destination);
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
    const whole = this.head === null ? line : this.head + line.slice(1);
    if (this.lines.length + whole.length > this.mostBytes) this.flushLines();
    this.lines += whole;
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
/** What a pipe takes as a whole, on Linux: of more, lines of other processes may come in between. */
const WHOLE_BYTES = 4096;

const mostBytesOf = ({ sharesOutput = false }: LogOptions): number => (sharesOutput ? WHOLE_BYTES : BUFFER_BYTES);

type FlushableStream = DestinationStream & { flush?: (done?: () => void) => void };

function destinationOf(options: LogOptions): FlushableStream {
  if (options.format === 'pretty') {
    return pinoPretty({ destination: 1, sync: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname,gateway' });
  }
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: options.sharesOutput === true ? WHOLE_BYTES / 2 : BUFFER_BYTES,
    maxWrite: options.sharesOutput === true ? WHOLE_BYTES : 2 * BUFFER_BYTES,
    maxLength: MAX_WAITING_BYTES,
  });
  // A log that cannot be written must not stop the gateway.
  destination.on('error', () => undefined);
  return destination;
}

/** Past this the oldest way to lose is to drop what is new: a reader that hangs must not fill our memory. */
const MAX_WAITING_BYTES = 16_777_216;
