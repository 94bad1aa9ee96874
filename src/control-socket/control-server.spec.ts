import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeControl, FakeEdits } from '../../test/support/control-fakes.js';
import { ControlServer } from './control-server.js';
import { SOCKET_NAME, socketPathIn } from './socket-path.js';

let folder: string;
let control: FakeControl;
let edits: FakeEdits;
let logged: string[];
let open: ControlServer[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-control-'));
  control = new FakeControl();
  edits = new FakeEdits();
  logged = [];
  open = [];
});
afterEach(async () => {
  for (const server of open) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(
  options: { mostBodyBytes?: number; mostAnswerBytes?: number; folder?: string } = {},
): Promise<ControlServer> {
  const server = new ControlServer({
    ...{ folder, control, edits, gatewayId: 'shop' },
    log: (level, message, fields) => void logged.push(`${level} ${message} ${JSON.stringify(fields)}`),
    ...options,
  });
  open.push(server);
  await server.open();
  return server;
}

async function ask(method: string, path: string, body?: string): Promise<{ status: number; body: unknown }> {
  const outgoing = request({ socketPath: join(folder, SOCKET_NAME), method, path, agent: false });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, body: JSON.parse(text) };
}
const statusOf = async (method: string, path: string, body?: string) => (await ask(method, path, body)).status;
const errorOf = async (method: string, path: string, body?: string) => {
  const answer = await ask(method, path, body);
  return [answer.status, (answer.body as { error: string }).error];
};

describe('the control socket', () => {
  it('is for its user alone, and the only thing that is made', async () => {
    await opened();
    const stats = lstatSync(join(folder, SOCKET_NAME));
    expect([stats.isSocket(), stats.mode & 0o777]).toEqual([true, 0o600]);
    expect(readdirSync(folder)).toEqual([SOCKET_NAME]);
    expect(logged).toEqual([]);
  });
  it('is gone after the end, and so are connections', async () => {
    const server = await opened();
    const idle = connect(join(folder, SOCKET_NAME));
    await once(idle, 'connect');
    const ended = once(idle, 'close');
    await server.close();
    await ended;
    expect(readdirSync(folder)).toEqual([]);
    await server.close();
  });
  it('replaces one that a killed process left', async () => {
    const script = `require('net').createServer().listen(${JSON.stringify(join(folder, SOCKET_NAME))}, () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    const before = lstatSync(join(folder, SOCKET_NAME)).ino;
    await opened();
    expect(lstatSync(join(folder, SOCKET_NAME)).ino).not.toBe(before);
    expect(await statusOf('GET', '/status')).toBe(200);
    expect(readdirSync(folder)).toEqual([SOCKET_NAME]);
  });
  it('stays with a living process: the second gateway warns and has none, nor takes it along when it ends', async () => {
    await opened();
    const second = await opened();
    expect(logged).toEqual([expect.stringMatching(/^warn Another process answers on the control socket/)]);
    await second.close();
    expect(await statusOf('GET', '/status')).toBe(200);
    expect(readdirSync(folder)).toEqual([SOCKET_NAME]);
  });
  it('goes to one of two that start at once', async () => {
    await Promise.all([opened(), opened(), opened()]);
    const other = expect.stringMatching(/^warn Another process answers/);
    expect(logged).toEqual([other, other]);
    expect(await statusOf('GET', '/status')).toBe(200);
  });
  it('is not put in the place of something else', async () => {
    writeFileSync(join(folder, SOCKET_NAME), 'mine');
    await opened();
    expect(logged).toEqual([
      expect.stringMatching(/^warn The control socket cannot be opened.*is no socket; remove it/),
    ]);
    expect(lstatSync(join(folder, SOCKET_NAME)).isFile()).toBe(true);
  });
  it('is a warning where the folder is missing', async () => {
    await opened({ folder: join(folder, 'none') });
    expect(logged).toEqual([expect.stringMatching(/^warn The control socket cannot be opened.*ENOENT/)]);
  });
  it('works in a folder whose path is longer than a socket may have, and elsewhere than on Linux says so', async () => {
    const long = join(folder, 'x'.repeat(90), 'y'.repeat(90));
    mkdirSync(long, { recursive: true });
    const server = await opened({ folder: long });
    const place = await socketPathIn(long);
    const socket = connect(place.path);
    await once(socket, 'connect');
    socket.destroy();
    await place.close();
    await server.close();
    expect(readdirSync(long)).toEqual([]);
    expect(logged).toEqual([]);
    await expect(socketPathIn(long, SOCKET_NAME, 'darwin')).rejects.toThrow(/longer than the 100 bytes.*data\.folder/);
  });
});

const RECORD = { kind: 'system', id: 'a', data: { executor: 'rpc' } };

describe('routes', () => {
  beforeEach(() => opened());

  it('GET /status tells which process it is', async () => {
    expect((await ask('GET', '/status')).body).toMatchObject({ pid: process.pid, gateway: 'shop' });
  });
  it('POST /refresh looks at the source, and accepts an empty one only where that is asked for', async () => {
    expect(await ask('POST', '/refresh')).toEqual({ status: 200, body: control.outcome });
    expect(await statusOf('POST', '/refresh', '{"acceptEmpty":true}')).toBe(200);
    expect(control.refreshes).toEqual([{ acceptEmpty: false }, { acceptEmpty: true }]);
  });
  it('GET /show answers one, all of a kind, or 404', async () => {
    const shown = { component: 'system' as const, id: 'a&b', data: {}, version: '1', active: true, findings: [] };
    control.shown = [shown];
    expect((await ask('GET', '/show?component=system&id=a%26b')).body).toEqual([shown]);
    expect((await ask('GET', '/show?component=system')).body).toEqual([shown]);
    expect(await ask('GET', '/show?component=channel&id=*')).toEqual({ status: 200, body: [] });
    expect(await errorOf('GET', '/show?component=channel&id=x')).toEqual([404, 'There is no channel x.']);
  });
  it('POST /apply gives records and options on, and logs what was written', async () => {
    edits.outcome = {
      state: 'done',
      changes: [{ kind: 'system', id: 'a', change: 'added', pointers: [] }],
      unchanged: 2,
      findings: [],
    };
    const body = JSON.stringify({ records: [RECORD], prune: true, dryRun: true });
    expect(await ask('POST', '/apply', body)).toEqual({ status: 200, body: edits.outcome });
    expect(edits.applied).toEqual([{ records: [RECORD], options: { prune: true, dryRun: true } }]);
    expect([logged, control.refreshes]).toEqual([[], []]);
    await ask('POST', '/apply', JSON.stringify({ records: [RECORD] }));
    // It is in force when the command ends.
    expect(control.refreshes).toHaveLength(1);
    expect(logged).toEqual([expect.stringMatching(/^info .*"added":1,"changed":0,"removed":0/)]);
  });
  it('POST /apply is done where what it wrote cannot be brought into force yet, and the log says why', async () => {
    const changes = [{ kind: 'system' as const, id: 'a', change: 'added' as const, pointers: [] }];
    edits.outcome = { state: 'done', changes, unchanged: 0, findings: [] };
    control.failure = new Error('the database is away');
    const body = JSON.stringify({ records: [RECORD] });
    expect(await ask('POST', '/apply', body)).toEqual({ status: 200, body: edits.outcome });
    expect(logged).toContainEqual(expect.stringMatching(/^warn .*not in force yet.*the database is away/));
  });
  it('GET /dump and POST /reencrypt pass on what the database says', async () => {
    edits.dumped = { ...edits.dumped, systems: [{ id: 'a', data: { executor: 'rpc' } }] };
    expect((await ask('GET', '/dump')).body).toEqual(edits.dumped);
    expect((await ask('POST', '/reencrypt')).body).toEqual({ records: 3 });
  });
  it('answers several at once', async () => {
    const body = JSON.stringify({ records: [RECORD] });
    const asked = Array.from({ length: 8 }, () => statusOf('POST', '/apply', body));
    expect(new Set(await Promise.all(asked))).toEqual(new Set([200]));
    expect(edits.applied).toHaveLength(8);
  });
  it('answers 500 with the message of what failed, and no stack', async () => {
    edits.failure = new Error('Postgres at db:5432/x is away');
    expect(await ask('GET', '/dump')).toEqual({ status: 500, body: { error: 'Postgres at db:5432/x is away' } });
  });
  it.each([
    ['GET', '/nowhere', undefined, 404, 'There is no such route.'],
    ['GET', '/__proto__', undefined, 404, 'There is no such route.'],
    ['DELETE', '/dump', undefined, 405, 'Use GET.'],
    ['GET', '/apply', undefined, 405, 'Use POST.'],
    ['GET', '/show', undefined, 400, 'component is one of system, channel, service, token.'],
    ['GET', '/show?component=toString', undefined, 400, 'component is one of system, channel, service, token.'],
    ['GET', '/show?component=system&id=', undefined, 400, expect.stringContaining('id is the id of a record')],
    ['POST', '/refresh', '[]', 400, 'The body is a JSON object.'],
    ['POST', '/refresh', '{"acceptEmpty":"yes"}', 400, 'acceptEmpty is true or false.'],
    ['POST', '/apply', '{"records":', 400, 'The body is no JSON in UTF-8.'],
    ['POST', '/apply', '{}', 400, 'records is a list of {kind, id, data}.'],
    ['POST', '/apply', '{"records":[],"dry-run":true}', 400, expect.stringContaining('"dry-run" is no member')],
    ['POST', '/apply', '{"records":[null]}', 400, 'records[0] is no object.'],
    ['POST', '/apply', '{"records":[{"kind":"x"}]}', 400, expect.stringContaining('records[0].kind is one of')],
    ['POST', '/apply', '{"records":[{"kind":"system"}]}', 400, 'records[0].id is a text.'],
    ['POST', '/apply', '{"records":[{"kind":"system","id":"a","data":[]}]}', 400, 'records[0].data is an object.'],
  ])('refuse %s %s %s', async (...[method, path, body, status, error]) => {
    expect(await errorOf(method, path, body)).toEqual([status, error]);
    expect(edits.applied).toEqual([]);
  });
});

describe('hostile input', () => {
  it('a body that says it is too large is refused before it comes', async () => {
    await opened({ mostBodyBytes: 1000 });
    const socket = connect(join(folder, SOCKET_NAME));
    socket.write('POST /apply HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });
  it('an answer that is too large is refused in words, and the next is given', async () => {
    await opened({ mostAnswerBytes: 2 * 1024 * 1024 });
    const system = { id: 'a', data: { name: 'x'.repeat(3 * 1024 * 1024) } };
    edits.dumped = { ...edits.dumped, systems: [system] };
    expect(await errorOf('GET', '/dump')).toEqual([
      507,
      expect.stringMatching(
        /^The answer has more than the 2 MiB that go over the control socket\. Ask for less; with database\.url/,
      ),
    ]);
    expect(await statusOf('GET', '/status')).toBe(200);
  });
  it('a body that grows too large is refused, and the next is taken', async () => {
    await opened({ mostBodyBytes: 1000 });
    const socket = connect(join(folder, SOCKET_NAME));
    socket.write('POST /apply HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    socket.write(`500\r\n${'x'.repeat(0x500)}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
    expect(await statusOf('POST', '/apply', '{"records":[]}')).toBe(200);
  });
  it('what is no HTTP ends that connection alone', async () => {
    await opened();
    const socket = connect(join(folder, SOCKET_NAME));
    socket.write('\u0000\u0001 nonsense\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect(await statusOf('GET', '/status')).toBe(200);
  });
  it('a client that leaves in the middle of its body changes nothing', async () => {
    const server = await opened();
    const socket = connect(join(folder, SOCKET_NAME));
    socket.write('POST /apply HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"rec');
    await once(socket, 'connect');
    socket.destroy();
    expect(await statusOf('GET', '/status')).toBe(200);
    await server.close();
    expect(edits.applied).toEqual([]);
  });
});
