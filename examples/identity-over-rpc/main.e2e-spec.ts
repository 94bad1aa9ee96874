import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { askEvent } from './ask.js';

/** Built before: `npm run build`. */
const MAIN = fileURLToPath(new URL('../../dist/examples/identity-over-rpc/main.js', import.meta.url));
type Child = ChildProcessByStdio<Writable, Readable, Readable>;
let child: Child;
afterEach(async () => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
});

/** Starts it, and reads its first `count` lines. */
async function start(count: number, env: Record<string, string> = {}) {
  child = spawn(process.execPath, [MAIN, '--port', '0'], { stdio: 'pipe', env });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) if (lines.push(line) === count) break;
  const baseUrl = /http:\/\/127\.0\.0\.1:\d+/.exec(lines[0] ?? '')?.[0] ?? '';
  return { baseUrl, text: lines.join('\n') };
}
const login = (baseUrl: string, auth: Record<string, string>) => askEvent(baseUrl, '/auth/user/login', { auth });

describe('the identity server as a process', () => {
  it('says first where it listens, then who may log in, and ends on SIGTERM', async () => {
    const { baseUrl, text } = await start(5);
    expect(text).toContain(`Identity server ready on ${baseUrl},`);
    for (const part of ['trying out only', 'ada / lovelace', 'bob / builder', 'ada-key-for-trying-out'])
      expect(text).toContain(part);
    expect((await login(baseUrl, { username: 'bob', password: 'builder' })).payload).toHaveProperty('token');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('shows no password of users who were given to it', async () => {
    const users = JSON.stringify([{ username: 'eve', password: 'a-secret' }]);
    const { baseUrl, text } = await start(2, { IDENTITY_SERVER_USERS: users });
    expect(text).not.toContain('a-secret');
    expect((await login(baseUrl, { username: 'eve', password: 'a-secret' })).payload).toHaveProperty('token');
    expect((await login(baseUrl, { username: 'ada', password: 'lovelace' })).error).toMatchObject({ code: 10125 });
  });

  it('ends when who started it is gone', async () => {
    await start(1, { IDENTITY_SERVER_WITH_PARENT: 'true' });
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
