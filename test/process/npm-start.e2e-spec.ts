import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../support/until.js';
import { ROOT } from './program.js';

// The first start may have to build.
jest.setTimeout(240_000);

/** The demo is printed with these; no other test uses them. */
const GATEWAY_PORT = 1234;
const RUNNER_PORT = 1235;
const PORTS = [GATEWAY_PORT, RUNNER_PORT];

async function isTaken(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  const taken = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return taken;
}

beforeAll(async () => {
  for (const port of PORTS)
    if (await isTaken(port)) throw new Error(`Port ${port} is in use: stop what listens there, this test needs it.`);
});

/** `npm start` as npm calls it: in the checkout, told where the caller stood. */
class Demo {
  out = '';
  err = '';
  readonly child: ChildProcess;

  constructor(cwd: string, args: readonly string[] = []) {
    this.child = spawn(process.execPath, [join(ROOT, 'scripts/start.mjs'), ...args], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        INIT_CWD: cwd,
        npm_lifecycle_event: 'start',
        npm_lifecycle_script: 'exec node scripts/start.mjs',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.child.stderr!.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
  }

  /** Resolves when the demo has printed all that there is to try. */
  async told(): Promise<void> {
    await until(
      () => /curl \S+\/metrics\n/.test(this.out) || this.child.exitCode !== null,
      180_000,
      () => this.out + this.err,
    );
    if (this.child.exitCode !== null) throw new Error(`It ended:\n${this.out}${this.err}`);
  }

  /** The lines that can be pasted, in the order in which they are printed. */
  get commands(): string[] {
    return this.out
      .split('\n')
      .map((line) => line.trim())
      .filter(isCommand);
  }

  /** npm start itself, the gateway and the sample runner. */
  get pids(): number[] {
    return withChildren(this.child.pid!);
  }

  async ended(signal?: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      if (signal !== undefined) this.child.kill(signal);
      await once(this.child, 'exit');
    }
    return this.child.exitCode;
  }
}

/** A call, or what keeps the token of one for the next. */
function isCommand(line: string): boolean {
  return /^(?:curl |[A-Z]+=\$\(curl |[A-Z]+=\$\(npm run -s sluice )/.test(line);
}

function withChildren(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
  return [pid, ...children.flatMap(withChildren)];
}

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);

interface Pasted {
  readonly status: number;
  readonly body: string;
}

/** Runs lines in one shell just as they are; each curl also tells the status, which a line that only keeps something has not. */
async function pasteAll(lines: readonly string[], cwd = home): Promise<(Pasted | null)[]> {
  const curl = `curl() { command curl -sS --max-time 20 -w '\\n%{http_code}' "$@"; }`;
  // As in the checkout, with what the demo keeps where it was started.
  const npm = `npm() { command npm --prefix ${ROOT} "$@"; }`;
  const script = [curl, npm, ...lines.flatMap((line) => [line, `printf '\\0'`])].join('\n');
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd });
  const outputs = stdout.split('\0').slice(0, -1);
  expect(outputs).toHaveLength(lines.length);
  return outputs.map((output) => {
    const end = output.lastIndexOf('\n');
    return end === -1 ? null : { status: Number(output.slice(end + 1)), body: output.slice(0, end) };
  });
}

async function paste(line: string): Promise<Pasted> {
  return (await pasteAll([line]))[0]!;
}

/** Commands of a section, and the status that the comment below each begins with; none where there is no such comment. */
function readmeSection(title: string): { commands: string[]; statuses: (number | undefined)[] } {
  const page = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const section = page.split(`\n## ${title}\n`)[1]!.split('\n## ')[0]!;
  const lines = section.split('\n');
  const at = lines.flatMap((line, index) => (isCommand(line) ? [index] : []));
  const statusAfter = (index: number): number | undefined => {
    const status = /^# (\d{3})/.exec(lines[index + 1] ?? '')?.[1];
    return status === undefined ? undefined : Number(status);
  };
  return { commands: at.map((index) => lines[index]!), statuses: at.map(statusAfter) };
}

let home: string;
let demo: Demo;
async function started(): Promise<void> {
  home = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
  demo = new Demo(home);
  await demo.told();
}
afterEach(async () => {
  for (const pid of demo.pids) if (isThere(pid)) process.kill(pid, 'SIGKILL');
  await demo.ended();
  for (const port of PORTS) await until(async () => !(await isTaken(port)));
  rmSync(home, { recursive: true, force: true });
});

describe('npm start', () => {
  beforeEach(started);

  it('prints what to try, and every line works as it is pasted', async () => {
    const { commands } = demo;
    const pasted = await pasteAll(commands);
    const answers = commands.flatMap((line, index): [string, Pasted][] => {
      const answer = pasted[index]!;
      return answer === null ? [] : [[line, answer]];
    });
    const milk = { id: 'milk', data: { title: 'Buy milk', status: 'A' } };
    const hello = { message: 'Hello, Ada!' };
    const forAda = { message: 'Hello, ada: this is not for everybody.' };
    const preview = { message: 'Hello, World!', branch: 'preview' };
    const refused = (code: number, message: string): object => ({
      error: { code, message, requestId: expect.any(String) },
    });
    const json = ([line, { status, body }]: [string, Pasted]): unknown[] => {
      const path = line.replace(/^.*127\.0\.0\.1:1234(\/[^\s'?]*).*$/, '$1');
      const method = /-X ([A-Z]+)/.exec(line)?.[1] ?? 'GET';
      return [method, path, status, body.startsWith('{') ? (JSON.parse(body) as unknown) : body];
    };
    expect(answers.map(json)).toEqual([
      ['POST', '/api/request/todo_crud/todo', 201, expect.objectContaining(milk)],
      ['GET', '/api/request/todo_crud/todo', 200, expect.objectContaining({ list: [expect.objectContaining(milk)] })],
      ['GET', '/api/request/todo_crud/todo/milk', 200, expect.objectContaining(milk)],
      [
        'PATCH',
        '/api/request/todo_crud/todo/milk',
        200,
        expect.objectContaining({ id: 'milk', data: { title: 'Buy milk', status: 'B' } }),
      ],
      [
        'PUT',
        '/api/request/todo_crud/todo/milk',
        200,
        expect.objectContaining({ id: 'milk', data: { title: 'Buy oat milk' } }),
      ],
      ['DELETE', '/api/request/todo_crud/todo/milk', 200, expect.anything()],
      ['GET', '/api/request/rpc/Hello', 200, hello],
      ['POST', '/api/request/rpc/Hello', 200, hello],
      ['POST', '/api/request/full/rpc/Hello', 200, hello],
      ['GET', '/api/request/full/e/rpc/Hello', 200, hello],
      ['GET', '/hello', 200, preview],
      ['GET', '/api/request/rpc@preview/Hello', 200, preview],
      ['GET', '/api/request/rpc/Disabled', 403, refused(403, 'path is disabled')],
      ['GET', '/api/request/nowhere/Hello', 404, refused(17002, 'no such channel')],
      ['GET', '/api/request/rpc/Secret', 401, refused(401, 'missing token')],
      ['GET', '/api/request/private/Hello', 401, refused(401, 'missing token')],
      ['POST', '/api/auth/login/rpc', 200, expect.objectContaining({ gateway_token: expect.any(String) })],
      ['GET', '/api/request/rpc/Secret', 200, expect.objectContaining(forAda)],
      ['POST', '/api/auth/logout/rpc', 200, { loggedOut: true }],
      ['GET', '/api/request/rpc/Secret/Admins', 200, expect.objectContaining(forAda)],
      [
        'GET',
        '/api/request/guests/Whoami',
        200,
        expect.stringMatching(/\nRierino-Auth\.guest_token: .*"type":"guest"/s),
      ],
      ['GET', '/health', 200, { status: 'ok', faults: [] }],
      ['GET', '/metrics', 200, expect.stringMatching(/^# HELP /)],
    ]);
  });

  it('answers the lines of the README on logging in as the README says', async () => {
    const { commands, statuses } = readmeSection('Log in');
    const pasted = await pasteAll(commands);
    const shown = commands.map((line, index) => [line, pasted[index]?.status]);
    expect(shown).toEqual(commands.map((line, index) => [line, statuses[index]]));
    const bodies = pasted.map((answer) => answer?.body ?? '');
    // With cookies no token stands in the body.
    expect(bodies.filter((body) => body.includes('"gateway_token"'))).toHaveLength(2);
    expect(bodies.filter((body) => body.includes('"type":"guest"'))).toHaveLength(1);
  });

  it('warns of signing secrets that everybody can read', async () => {
    const warning = 'tokens are signed with a secret of the samples, which everybody can read';
    await until(() => demo.out.includes(warning));
  });

  it('keeps its records where npm was called; they survive a restart, and SIGTERM leaves no process behind', async () => {
    const [create, , read] = demo.commands;
    const created = await paste(create!);
    expect(created.status).toBe(201);
    const { pids } = demo;
    expect(pids).toHaveLength(3);
    expect(await demo.ended('SIGTERM')).toBe(0);
    expect(pids.filter(isThere)).toEqual([]);
    expect(readFileSync(join(home, 'data/sample-runner/todo.json'), 'utf8')).toContain('Buy milk');

    demo = new Demo(home);
    await demo.told();
    expect(await paste(read!)).toMatchObject({ status: 200, body: expect.stringContaining('Buy milk') });
    expect((await paste(create!)).status).toBe(409);
  });

  it('ends with every process on SIGINT, too', async () => {
    const { pids } = demo;
    expect(pids).toHaveLength(3);
    expect(await demo.ended('SIGINT')).toBe(0);
    expect(pids.filter(isThere)).toEqual([]);
  });

  it('leaves no runner behind when its gateway is killed', async () => {
    const { pids } = demo;
    process.kill(pids[1]!, 'SIGKILL');
    expect(await demo.ended()).toBe(128 + 9);
    await until(() => !pids.some(isThere));
  });

  it('a second time is refused in one line, and leaves the first alone', async () => {
    const second = new Demo(home);
    expect(await second.ended()).toBe(1);
    expect(second.err.trim().split('\n')).toEqual([
      `Sluice cannot start: 0.0.0.0:${GATEWAY_PORT} is in use. Stop what listens there, or set server.port to another port.`,
    ]);
    expect((await paste('curl http://127.0.0.1:1234/health/ready')).status).toBe(200);
    expect((await paste("curl 'http://127.0.0.1:1234/api/request/rpc/Hello?name=Ada'")).status).toBe(200);
  });
});

describe('npm start where the port of the sample runner is in use', () => {
  it('says so, and the gateway is ready all the same', async () => {
    const other = createServer().listen(RUNNER_PORT, '127.0.0.1');
    await once(other, 'listening');
    try {
      await started();
      await until(() => demo.out.includes('the sample runner has ended'));
      await until(() => demo.err.includes(`port ${RUNNER_PORT} on 127.0.0.1 is in use`));
      expect((await paste('curl http://127.0.0.1:1234/health/ready')).status).toBe(200);
    } finally {
      other.close();
    }
  });
});

describe('npm start with a folder of components', () => {
  it('serves what is in it, and starts no samples', async () => {
    home = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
    mkdirSync(join(home, 'config/components'), { recursive: true });
    writeFileSync(
      join(home, 'config/components/mine.yaml'),
      'channels:\n  - id: mine\n    executor: local\n    parameters: {runner: sample}\n    paths: {"*": {isPublic: true}}\n',
    );
    demo = new Demo(home, ['--set', 'config.loader.type=files']);
    await until(
      () => demo.out.includes('"msg":"ready"') || demo.child.exitCode !== null,
      180_000,
      () => demo.out + demo.err,
    );
    expect(demo.commands).toEqual([]);
    expect(await paste(`curl http://127.0.0.1:${GATEWAY_PORT}/api/request/mine/Hello?name=Ada`)).toMatchObject({
      status: 200,
      body: '{"message":"Hello, Ada!"}',
    });
    expect(await isTaken(RUNNER_PORT)).toBe(false);
    expect(await demo.ended('SIGTERM')).toBe(0);
  });
});
