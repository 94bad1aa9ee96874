import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryIdentities } from '../../test/support/memory-identities.js';
import { IdentityFault } from '../contracts/identities.js';
import { FirstAdministrator } from './first-administrator.js';
import { NOTE_NAME, PasswordNote } from './password-note.js';

let folder: string;
let identities: MemoryIdentities;
let logged: string[];
let printed: string[];
let made: FirstAdministrator[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-first-'));
  identities = new MemoryIdentities();
  [logged, printed, made] = [[], [], []];
});
afterEach(() => {
  for (const each of made) each.onModuleDestroy();
  rmSync(folder, { recursive: true, force: true });
  jest.useRealTimers();
});

interface Given {
  readonly password?: string;
  readonly atStart?: boolean;
  readonly isTerminal?: boolean;
  readonly at?: string;
}
function first({ password, atStart = false, isTerminal = false, at = folder }: Given = {}): FirstAdministrator {
  const log = (level: string, message: string, fields?: object) =>
    void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const print = isTerminal ? (text: string): void => void printed.push(text) : null;
  const options = { username: 'admin', password: password ?? null, folder: at, atStart };
  const each = new FirstAdministrator({ identities, options, note: new PasswordNote({ folder: at, print, log }), log });
  made.push(each);
  return each;
}
const administrators = () => [...identities.stored.values()].map(({ username, roles }) => [username, roles]);
const AWAY = new IdentityFault(503, 503, 'the store of users cannot be had now');

describe('the first administrator', () => {
  it('has the name and the password of the settings, and is admin of all gateways', async () => {
    await first({ password: 'correct horse' }).ensure();
    expect(administrators()).toEqual([['admin', ['*:admin']]]);
    expect([[...identities.passwords.values()], readdirSync(folder)]).toEqual([['correct horse'], []]);
    expect(logged.join()).not.toContain('correct horse');
  });
  it('gets a password into a file for this user alone, whose path is logged', async () => {
    await first().ensure();
    const path = join(folder, NOTE_NAME);
    const text = readFileSync(path, 'utf8');
    expect([text, statSync(path).mode & 0o777]).toEqual([expect.stringMatching(/^[\w-]{24,}\n$/), 0o600]);
    expect([...identities.passwords.values()]).toEqual([text.trim()]);
    expect(logged.join()).toContain(path);
    expect(logged.join()).not.toContain(text.trim());
    expect(readdirSync(folder)).toEqual([NOTE_NAME]);
  });
  it('gets it onto the terminal where there is one, and into no file', async () => {
    await first({ isTerminal: true }).ensure();
    const [password] = identities.passwords.values();
    expect([printed.join(), readdirSync(folder)]).toEqual([expect.stringContaining(password!), []]);
    expect(logged.join()).not.toContain(password!);
  });
  it('is none where there is an administrator already', async () => {
    await identities.createUser({ type: 'admin', username: 'ada', password: null });
    await first().ensure();
    expect([administrators().length, readdirSync(folder)]).toEqual([1, []]);
  });
  it('is created beside users of other types', async () => {
    await identities.createUser({ type: 'user', username: 'admin', password: null });
    await first().ensure();
    expect(administrators()).toHaveLength(2);
  });
  it('is one, whose password stays written, where several processes look at once', async () => {
    await Promise.all([first(), first(), first()].map((each) => each.ensure()));
    const text = readFileSync(join(folder, NOTE_NAME), 'utf8').trim();
    expect([administrators().length, [...identities.passwords.values()]]).toEqual([1, [text]]);
    expect(readdirSync(folder)).toEqual([NOTE_NAME]);
  });
  it('is looked for once, and no more when it is settled', async () => {
    const each = first({ password: 'correct horse' });
    await Promise.all([each.ensure(), each.ensure()]);
    identities.failure = new Error('unplanned');
    await each.ensure();
    expect(logged).toHaveLength(1);
  });
  it('is looked for at the start where the database is open then anyway', async () => {
    first({ password: 'correct horse' }).onApplicationBootstrap();
    await Promise.resolve();
    expect(administrators()).toEqual([]);
    const each = first({ password: 'correct horse', atStart: true });
    each.onApplicationBootstrap();
    await each.ensure();
    expect(administrators()).toHaveLength(1);
  });
});

describe('what keeps it from being created', () => {
  it('is a database that is away: it is tried again, and told once', async () => {
    jest.useFakeTimers();
    identities.failure = AWAY;
    const each = first({ password: 'correct horse' });
    await each.ensure();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(logged).toEqual([expect.stringContaining('warn The first administrator cannot be looked for now')]);
    identities.failure = null;
    await jest.advanceTimersByTimeAsync(30_000);
    expect(administrators()).toHaveLength(1);
  });
  it('is a folder that takes no file: nobody is created whose password nobody knows', async () => {
    await first({ at: join(folder, 'none') }).ensure();
    expect([administrators(), logged]).toEqual([[], [expect.stringContaining('ENOENT')]]);
  });
  it('is a name or a password that is refused: the settings are named, and nothing is tried again', async () => {
    const each = first({ password: 'short' });
    await each.ensure();
    await each.ensure();
    expect(logged).toEqual([
      expect.stringContaining('error The first administrator cannot be created: mend admin.bootstrap'),
    ]);
    expect(logged.join()).not.toContain('short"');
  });
  it('is over when the process ends', async () => {
    jest.useFakeTimers();
    identities.failure = AWAY;
    const each = first({ password: 'correct horse' });
    await each.ensure();
    each.onModuleDestroy();
    identities.failure = null;
    await jest.advanceTimersByTimeAsync(120_000);
    expect(administrators()).toEqual([]);
  });
});
