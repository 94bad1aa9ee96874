import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { until } from './until.js';

const root = join(import.meta.dirname, '../..');

export interface GatewaySetup {
  /** File below the components folder → content, written as JSON (or as it is where it is text). */
  readonly components?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Health {
  readonly status: string;
  readonly faults: Record<string, unknown>[];
  /** Those that are balanced, or have something wrong. */
  readonly backends?: readonly {
    readonly system: string;
    readonly inService: number;
    readonly instances: readonly { readonly address: string; readonly state: string }[];
  }[];
}

/** The built product as a process of its own, on free ports, with everything that it writes in a temporary folder. */
export class TestGateway {
  output = '';

  private constructor(
    readonly child: ChildProcess,
    readonly home: string,
    readonly componentsFolder: string,
  ) {
    child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** Resolves when the gateway says that it is ready. */
  static async start(setup: GatewaySetup = {}): Promise<TestGateway> {
    const gateway = TestGateway.spawn(setup);
    await gateway.until(() => gateway.output.includes('"msg":"ready"'));
    return gateway;
  }

  /** Does not wait: for starts that fail, or that are not ready at once. */
  static spawn(setup: GatewaySetup = {}): TestGateway {
    const home = mkdtempSync(join(tmpdir(), 'sluice-test-'));
    const folder = join(home, 'components');
    mkdirSync(folder);
    for (const [path, content] of Object.entries(setup.components ?? {})) writeComponent(folder, path, content);
    const settings = {
      'server.port': 0,
      'server.host': '127.0.0.1',
      'server.shutdownDelayMs': 0,
      'config.loader.type': 'files',
      'config.loader.folder': folder,
      'data.folder': join(home, 'data'),
      ...setup.settings,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const child = spawn(process.execPath, [join(root, 'dist/main.js'), ...args], {
      cwd: home,
      env: { PATH: process.env.PATH, ...setup.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new TestGateway(child, home, folder);
  }

  get port(): number {
    const match = /"address":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(this.output);
    if (match === null) throw new Error(`The gateway is not ready:\n${this.output}`);
    return Number(match[1]);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Log lines so far, parsed. Lines are flushed several times a second: wait with `until`. */
  get lines(): Record<string, unknown>[] {
    return this.output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  requestLines(): Record<string, unknown>[] {
    return this.lines.filter((line) => line.msg === 'request');
  }

  write(path: string, content: unknown): void {
    writeComponent(this.componentsFolder, path, content);
  }

  remove(path: string): void {
    rmSync(join(this.componentsFolder, path));
  }

  async health(): Promise<Health> {
    const answer = await fetch(`${this.url}/health`);
    return (await answer.json()) as Health;
  }

  /** A figure of /metrics, by its name and labels as they stand there; 0 where it is not there. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const line = text
      .split('\n')
      .find(
        (each) =>
          (each.startsWith(`${name}{`) || each.startsWith(`${name} `)) &&
          Object.entries(labels).every(([label, value]) => each.includes(`${label}="${value}"`)),
      );
    return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1));
  }

  /** Requests in flight, the one that asks not counted. */
  async inFlight(): Promise<number> {
    return (await this.metric('sluice_requests_in_flight')) - 1;
  }

  /** Polls until the condition holds; fails after the bound, with what the gateway printed. */
  until(condition: () => boolean | Promise<boolean>, boundMs = 20_000): Promise<void> {
    return until(condition, boundMs, () => this.output.slice(-8000));
  }

  /** SIGTERM, and the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal);
      await once(this.child, 'exit');
    }
    rmSync(this.home, { recursive: true, force: true });
    return this.child.exitCode;
  }

  async exited(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}

function writeComponent(folder: string, path: string, content: unknown): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}
