import type { SessionKit } from './session-kit.js';
import type { SessionRules } from './session-rules.js';
import { Sessions } from './sessions.js';

/** For the extensions of a server that no record names any more. */
const PARTING_MS = 10_000;

/** The session servers that token records name, one for equal records: what is known outlives a reload. */
export class SessionServers {
  private readonly byKey = new Map<string, Sessions>();

  constructor(private readonly kit: SessionKit) {}

  of(rules: SessionRules): Sessions {
    let sessions = this.byKey.get(rules.key);
    if (sessions === undefined) this.byKey.set(rules.key, (sessions = new Sessions(rules, this.kit)));
    return sessions;
  }

  /** Lets go of those that are no longer named; what waits for them is sent. @param keys of the rules in force */
  retain(keys: { has(key: string): boolean }): void {
    for (const [key, sessions] of this.byKey) {
      if (keys.has(key)) continue;
      this.byKey.delete(key);
      void sessions.flush(PARTING_MS);
    }
  }

  /** When the process ends: sends all that waits, within that time. */
  async flush(withinMs: number): Promise<void> {
    await Promise.all([...this.byKey.values()].map((sessions) => sessions.flush(withinMs)));
  }

  // ── what operators see; touches, extensions, failures and drops stand in the counts ──

  get buffered(): number {
    return this.sum(({ buffered }) => buffered);
  }

  get known(): number {
    return this.sum(({ known }) => known);
  }

  private sum(of: (sessions: Sessions) => number): number {
    let sum = 0;
    for (const sessions of this.byKey.values()) sum += of(sessions);
    return sum;
  }
}
