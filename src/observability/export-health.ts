import type { ProcessLog } from './logger.js';

/** A collector that comes and goes is told of once in this time. */
const QUIET_MS = 60_000;

/** Counts what could not be exported of one signal, and tells the log when that begins and ends: no line for each failure. */
export class ExportHealth {
  failures = 0;
  private isFailing = false;
  private isAnnounced = false;
  private announcedAt = -Infinity;

  constructor(
    readonly signal: 'traces' | 'metrics',
    private readonly log: Pick<ProcessLog, 'log'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether the last export failed. */
  get isAway(): boolean {
    return this.isFailing;
  }

  succeeded(): void {
    if (this.isAnnounced) this.log.log('info', `telemetry: ${this.signal} are exported again`);
    this.isFailing = this.isAnnounced = false;
  }

  failed(reason: string): void {
    this.failures++;
    if (this.isFailing) return;
    this.isFailing = true;
    if (this.now() - this.announcedAt < QUIET_MS) return;
    this.isAnnounced = true;
    this.announcedAt = this.now();
    this.log.log('warn', `telemetry: ${this.signal} cannot be exported; tried on, without a line for each failure`, {
      reason,
    });
  }
}

/** What went wrong, in a line: never an answer's body, which may be anything. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as Error & { readonly code?: unknown };
  const text = error.message === '' ? error.name : error.message;
  const detail = typeof code === 'string' || typeof code === 'number' ? ` (${code})` : '';
  return `${text}${detail}`.slice(0, 200);
}
