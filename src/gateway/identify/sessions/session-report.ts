import type { Finding, FindingBoard } from '../../../contracts/components.js';
import { ERRORS } from '../../../errors/error-table.js';
import type { SessionReport } from './asked-server.js';

const REPORTER = 'sessions';

type Tell = (level: 'warn' | 'info', message: string, fields: Readonly<Record<string, unknown>>) => void;

/** Tells operators of session servers that are away: once in the log, and in health details as long as it lasts. */
export function sessionReport(board: Pick<FindingBoard, 'replace'>, log: Tell): SessionReport {
  const away = new Map<string, Finding>();
  return {
    away(id, what, error) {
      const action = what === 'touch' ? 'begin sessions' : 'extend sessions';
      const message = `the session server cannot ${action}, and requests go on without: ${error.message}`;
      const code = error.status ?? ERRORS[error.error].status;
      away.set(`${id} ${what}`, { kind: 'channel', id, severity: 'warning', pointer: '', code, message });
      board.replace(REPORTER, [...away.values()]);
      log('warn', 'A session server is away: requests go on without.', { channel: id, what, reason: error.message });
    },
    back(id, what) {
      away.delete(`${id} ${what}`);
      board.replace(REPORTER, [...away.values()]);
      log('info', 'A session server is back.', { channel: id, what });
    },
  };
}
