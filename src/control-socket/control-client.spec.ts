import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeControl, FakeEdits } from '../../test/support/control-fakes.js';
import { ControlClient } from './control-client.js';
import { ControlServer } from './control-server.js';
import { SocketEdits } from './socket-edits.js';
import { SOCKET_NAME } from './socket-path.js';

let folder: string;
let edits: FakeEdits;
let ends: (() => Promise<unknown>)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-client-'));
  edits = new FakeEdits();
  ends = [];
});
afterEach(async () => {
  for (const end of ends) await end();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(at = folder): Promise<void> {
  const server = new ControlServer({ folder: at, control: new FakeControl(), edits, log: () => undefined });
  await server.open();
  ends.push(() => server.close());
}

/** Somebody who takes connections and does this with them. */
async function stranger(listener: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(listener ?? (() => undefined)).listen(join(folder, SOCKET_NAME));
  await once(server, 'listening');
  ends.push(async () => {
    server.close();
    await once(server, 'close');
  });
  return server;
}

describe('asking a gateway', () => {
  it('brings its answer', async () => {
    await serve();
    const answer = await new ControlClient(folder).ask({ method: 'POST', path: '/refresh', body: {} });
    expect(answer).toMatchObject({ state: 'answered', value: { revision: 7 } });
  });
  it('brings its refusal, with the status', async () => {
    await serve();
    const answer = await new ControlClient(folder).ask({ method: 'GET', path: '/show?component=system&id=x' });
    expect(answer).toEqual({ state: 'error', status: 404, message: 'There is no system x.' });
  });
  it('works over a path that is longer than a socket may have', async () => {
    const long = join(folder, 'x'.repeat(120));
    mkdirSync(long);
    await serve(long);
    expect(await new ControlClient(long).ask({ method: 'GET', path: '/dump' })).toMatchObject({ state: 'answered' });
  });
  it('brings records of several megabytes there', async () => {
    await serve();
    const data = { text: 'ä'.repeat(100_000) };
    const records = Array.from({ length: 30 }, (_, index) => ({ kind: 'system' as const, id: `s${index}`, data }));
    await new SocketEdits(new ControlClient(folder)).apply(records, { prune: true });
    expect(edits.applied).toEqual([{ records, options: { prune: true } }]);
  });
});

describe('where nobody is', () => {
  it('says so: no folder, no socket, and a socket that nobody listens on', async () => {
    const asked = (at: string) => new ControlClient(at).ask({ method: 'GET', path: '/dump' });
    expect(await asked(join(folder, 'none'))).toEqual({ state: 'nobody' });
    expect(await asked(join(folder, 'n'.repeat(120)))).toEqual({ state: 'nobody' });
    expect(await asked(folder)).toEqual({ state: 'nobody' });
    await expect(new SocketEdits(new ControlClient(folder)).dump()).rejects.toThrow('The gateway has ended meanwhile');
  });
});

describe('where somebody else is', () => {
  it('a process that hangs is not waited for without end', async () => {
    const server = await stranger((socket) => void ends.unshift(() => Promise.resolve(socket.destroy())));
    expect(server.listening).toBe(true);
    const answer = await new ControlClient(folder, 50).ask({ method: 'GET', path: '/dump' });
    expect(answer).toEqual({
      state: 'error',
      status: null,
      message: `${join(folder, SOCKET_NAME)}: the gateway does not answer`,
    });
  });
  it('one that hangs up, or speaks something else, is an error', async () => {
    await stranger((socket) => socket.on('data', () => socket.end('SSH-2.0\r\n')));
    const answer = await new ControlClient(folder).ask({ method: 'GET', path: '/dump' });
    expect(answer).toMatchObject({ state: 'error', status: null });
  });
});
