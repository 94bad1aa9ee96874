import type { Finding } from '../contracts/components.js';
import { findingKey } from './finding-board.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type Log = (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;

/** A folder full of mistakes must not fill the log: the rest is counted. */
const MOST_LOGGED = 20;

/** Logs findings once, when they come, and counts those that are gone. */
export class FindingLog {
  private standing: ReadonlySet<string> = new Set();

  constructor(private readonly log: Log) {}

  /** Whether they are the same as before. */
  replace(findings: readonly Finding[]): boolean {
    const fresh = findings.filter((finding) => !this.standing.has(findingKey(finding)));
    const standing = new Set(findings.map(findingKey));
    const healed = [...this.standing].filter((key) => !standing.has(key)).length;
    this.standing = standing;
    for (const { severity, message, ...place } of fresh.slice(0, MOST_LOGGED))
      this.log('warn', message, { severity, ...place });
    if (fresh.length > MOST_LOGGED) {
      this.log('warn', 'There are more findings; `sluice validate` lists them all.', {
        more: fresh.length - MOST_LOGGED,
      });
    }
    if (healed > 0) this.log('info', 'Findings of components are gone.', { healed, left: standing.size });
    return fresh.length === 0 && healed === 0;
  }
}
