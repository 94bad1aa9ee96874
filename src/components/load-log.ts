import type { FindingsDiff } from './finding-board.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type Log = (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;

/** A folder full of mistakes must not fill the log: the rest is counted. */
const MOST_LOGGED = 20;

/** Logs findings once, when they come, faults first, and counts those that are gone. */
export function logFindings(log: Log, { fresh, gone }: FindingsDiff): void {
  const faults = fresh.filter(({ severity }) => severity === 'fault');
  const warnings =
    fresh.length > faults.length && faults.length < MOST_LOGGED
      ? fresh.filter(({ severity }) => severity === 'warning')
      : [];
  for (const { severity, message, ...place } of [...faults, ...warnings].slice(0, MOST_LOGGED)) {
    log('warn', message, { severity, ...place });
  }
  if (fresh.length > MOST_LOGGED) {
    log('warn', 'There are more findings; `sluice validate` lists them all.', { more: fresh.length - MOST_LOGGED });
  }
  if (gone.length > 0) log('info', 'Findings of components are gone.', { gone: gone.length });
}
