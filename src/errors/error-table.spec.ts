import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, type ErrorEntry, type ErrorName } from './error-table.js';
import { GatewayError } from './gateway.error.js';
import { statusOfRunnerError } from './runner-status.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
/** Cells of the rows of all tables below a heading. */
function rowsBelow(heading: string): string[][] {
  const [, rest = ''] = page.split(`\n## ${heading}\n`);
  const [section = ''] = rest.split('\n## ');
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|').replaceAll('\\\\', '\\')),
    );
}
const documented = rowsBelow('Errors of the gateway').filter(([name]) => name!.startsWith('`'));
const entries = Object.entries(ERRORS) as [ErrorName, ErrorEntry][];

describe('docs/errors.md', () => {
  it.each(entries)('has %s with its code, its status and its message', (name, { code, status, message }) => {
    const row = documented.find(([first]) => first === `\`${name}\``);
    expect(row?.slice(1, 4)).toEqual([String(code), String(status), message]);
  });
  it('names no other error', () => {
    expect(documented.map(([name]) => name!.slice(1, -1)).sort()).toEqual(Object.keys(ERRORS).sort());
  });
  it('says of each what to do', () => {
    for (const [name, , , , advice] of documented) expect([name, (advice ?? '').length > 10]).toEqual([name, true]);
  });
  it("has the status of each of a runner's codes", () => {
    const rows = rowsBelow("A runner's codes").filter(([code]) => /^\d/.test(code!));
    expect(rows.length).toBeGreaterThan(15);
    for (const [codes, , status] of rows)
      for (const code of codes!.split(', '))
        expect([code, statusOfRunnerError(Number(code), null)]).toEqual([code, Number(status)]);
  });
});

describe('an error of the gateway', () => {
  it.each(entries)('%s has the status as its code, or a code of 17001 to 17011', (_name, { code, status }) => {
    expect(code === status || (code >= 17_001 && code <= 17_011)).toBe(true);
  });
  it.each(entries.filter(([, { code }]) => code >= 17_000))(
    '%s has the status of its code',
    (_name, { code, status }) => {
      expect(statusOfRunnerError(code, null)).toBe(status);
    },
  );
  it.each(entries.filter(([, { status }]) => status === 401))(
    '%s says one of the four words for 401',
    (_name, { message }) => {
      expect(['missing token', 'expired token', 'invalid token', 'wrong credentials']).toContain(message);
    },
  );
  it('says "path is disabled" of a disabled path', () => {
    expect(ERRORS.PATH_DISABLED.message).toBe('path is disabled');
  });
});

describe('a fault', () => {
  it('has the message of the table and its cause', () => {
    const cause = new Error('why');
    const fault = new GatewayError('BACKEND_TIMEOUT', { cause });
    expect([fault.name, fault.message, fault.cause, fault.error]).toEqual([
      'GatewayError',
      ERRORS.BACKEND_TIMEOUT.message,
      cause,
      'BACKEND_TIMEOUT',
    ]);
  });
  it('has no cause, status or time of its own unless it is given one', () => {
    const fault = new GatewayError('INTERNAL');
    expect([fault.cause, 'cause' in fault, fault.status, fault.retryAfterSeconds]).toEqual([
      undefined,
      false,
      null,
      null,
    ]);
    expect(new GatewayError('SYSTEM_BUSY', { status: 503, retryAfterSeconds: 0 })).toMatchObject({
      status: 503,
      retryAfterSeconds: 0,
    });
  });
});
