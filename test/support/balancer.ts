import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Also imported by test/soak as it is, so: nothing that Node cannot strip, and no module of ours.

export type BalancerKind = 'nginx' | 'haproxy';

export interface BalancerSetup {
  /** Where it listens; a port that nobody has. */
  readonly port: number;
  /** Ports of the two replicas. */
  readonly replicas: readonly [number, number];
  /** For what a test needs otherwise than the example has it. */
  readonly edit?: (config: string) => string;
}

const EXAMPLES = join(import.meta.dirname, '../../examples');
const KINDS = {
  nginx: {
    places: ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'],
    example: join(EXAMPLES, 'nginx/nginx.conf'),
    args: (folder: string) => ['-p', folder, '-e', join(folder, 'error.log'), '-c', 'config', '-g', 'daemon off;'],
  },
  haproxy: {
    places: ['/usr/sbin/haproxy', '/usr/bin/haproxy', '/usr/local/sbin/haproxy'],
    example: join(EXAMPLES, 'haproxy/haproxy.cfg'),
    args: (folder: string) => ['-db', '-f', join(folder, 'config')],
  },
} as const;
const START_MS = 10_000;

/** A real nginx or HAProxy that runs our example, with everything that it writes in a temporary folder. */
export class RunningBalancer {
  output = '';
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly folder: string;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.child = child;
    this.folder = folder;
    this.port = port;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-20_000)));
    }
  }

  /** Resolves when it takes connections. @throws where it is not installed, or does not start */
  static async start(kind: BalancerKind, setup: BalancerSetup): Promise<RunningBalancer> {
    const { places, args } = KINDS[kind];
    const binary = places.find((place) => existsSync(place));
    if (binary === undefined)
      throw new Error(`${kind} is not installed: install the package ${kind} (apt-get install ${kind})`);
    const folder = mkdtempSync(join(tmpdir(), `sluice-${kind}-`));
    // Its workers are somebody else where it is started by root.
    chmodSync(folder, 0o755);
    for (const name of ['lib', 'log']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'config'), configOf(kind, folder, setup));
    const child = spawn(binary, args(folder), { stdio: ['ignore', 'pipe', 'pipe'] });
    const balancer = new RunningBalancer(child, folder, setup.port);
    balancer.diesWithThisProcess();
    await balancer.listening();
    return balancer;
  }

  /** What it has written to its own log. */
  get log(): string {
    const file = join(this.folder, 'log/error.log');
    return this.output + (existsSync(file) ? readFileSync(file, 'utf8') : '');
  }

  async stop(): Promise<void> {
    if (this.isRunning) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  private async listening(): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (this.isRunning && Date.now() < deadline) {
      if (await takesConnections(this.port)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { log } = this;
    await this.stop();
    throw new Error(`The balancer does not start:\n${log}`);
  }

  /** Also when this process is killed: a shell of its own session looks after it. */
  private diesWithThisProcess(): void {
    const watch =
      'while kill -0 "$1" 2>/dev/null; do kill -0 "$2" 2>/dev/null || exit 0; sleep 0.5; done; kill -TERM "$2"; rm -rf "$3"';
    const watched = [String(process.pid), String(this.child.pid), this.folder];
    spawn('sh', ['-c', watch, 'watch', ...watched], { detached: true, stdio: 'ignore' }).unref();
  }
}

/** The example, with addresses and paths replaced. @throws where it no longer has what is replaced */
function configOf(kind: BalancerKind, folder: string, { port, replicas, edit }: BalancerSetup): string {
  const replaced: [RegExp, string][] = [
    [/127\.0\.0\.1:1234/, `127.0.0.1:${replicas[0]}`],
    [/127\.0\.0\.1:1235/, `127.0.0.1:${replicas[1]}`],
    [/(?:listen |bind 0\.0\.0\.0:)8080/, kind === 'nginx' ? `listen 127.0.0.1:${port}` : `bind 127.0.0.1:${port}`],
  ];
  if (kind === 'nginx') {
    replaced.push([/\/run\/nginx\.pid/, join(folder, 'pid')]);
    replaced.push([/\/var\/log\/nginx/g, join(folder, 'log')], [/\/var\/lib\/nginx/g, join(folder, 'lib')]);
  }
  let text = readFileSync(KINDS[kind].example, 'utf8');
  for (const [from, to] of replaced) {
    if (text.search(from) === -1) throw new Error(`The example of ${kind} has no ${from.source}`);
    text = text.replace(from, to);
  }
  return edit === undefined ? text : edit(text);
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const answered = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => answered(true)).once('error', () => answered(false));
  });
}
