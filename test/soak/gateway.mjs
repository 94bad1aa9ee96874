import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Questions, until } from './answers.mjs';

const ROOT = join(import.meta.dirname, '../..');
// Another build of the product can be tried without touching dist.
export const DIST = process.env.SOAK_DIST ?? join(ROOT, 'dist');
const homes = [];
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** A child of this process, which does not outlive it. */
export function started(args, options = {}) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** A port that is free now; below those that the kernel gives to outgoing connections, so that it stays so. */
export async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** The built product with a probe in it. It may be killed and started again in the same place. */
export class SoakGateway {
  home = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
  output = '';

  constructor(port, { components = {}, settings = {} }) {
    homes.push(this.home);
    this.port = port;
    this.settings = settings;
    mkdirSync(join(this.home, 'components'));
    for (const [path, content] of Object.entries(components)) this.write(path, content);
  }

  static async started(setup) {
    const gateway = new SoakGateway(await freePort(), setup);
    gateway.start();
    await gateway.ready();
    return gateway;
  }

  /** Does not wait. */
  start() {
    const settings = {
      'server.port': this.port,
      'server.host': '127.0.0.1',
      'server.shutdownDelayMs': 0,
      'log.requests': 'none',
      'config.loader.type': 'files',
      'config.loader.folder': join(this.home, 'components'),
      'data.folder': this.dataFolder,
      ...this.settings,
    };
    this.output = '';
    this.child = started(
      [
        // As `npm start` runs it, and two more for the probe.
        ...['--max-semi-space-size=4', '--expose-gc', '--import', join(import.meta.dirname, 'probe.mjs')],
        join(DIST, 'main.js'),
        ...Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
      ],
      { cwd: this.home, env: { PATH: process.env.PATH } },
    );
    this.questions = new Questions(this.child);
    const log = join(this.home, 'log');
    const take = (chunk) => {
      appendFileSync(log, chunk);
      if (this.output.length < 200_000) this.output += chunk;
    };
    this.child.stdout.on('data', take);
    this.child.stderr.on('data', take);
  }

  get dataFolder() {
    return join(this.home, 'data');
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Polls the readiness that a load balancer looks at. */
  async ready(boundMs = 30_000) {
    const begun = performance.now();
    await until(`ready\n${this.output.slice(-2000)}`, () => this.isReady(), boundMs);
    return performance.now() - begun;
  }

  async isReady() {
    const answer = await fetch(`${this.url}/health/ready`).catch(() => null);
    await answer?.arrayBuffer();
    return answer?.status === 200;
  }

  async faults() {
    const answer = await fetch(`${this.url}/health`);
    return (await answer.json()).faults ?? [];
  }

  async metric(name) {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.e+-]+)$`, 'm').exec(text)?.[1] ?? NaN);
  }

  write(path, content) {
    const file = join(this.home, 'components', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(content));
  }

  ask(question) {
    return this.questions.ask({ question });
  }

  /** Seconds that it ran, and that it could have run and others did: the machine's share of a pause. */
  scheduled() {
    const [ran, waited] = readFileSync(`/proc/${this.child.pid}/schedstat`, 'latin1').split(' ');
    return { ranS: Number(ran) / 1e9, waitedS: Number(waited) / 1e9 };
  }

  /** Looks at its source at once. */
  refresh() {
    this.child.kill('SIGHUP');
  }

  async end(signal = 'SIGTERM') {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    await once(this.child, 'exit');
  }
}
