import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../process/program.js';

export type Served = Readonly<Record<string, readonly unknown[]>>;

/** A configuration server in a process of its own, which may be killed and started again at the same address. */
export class ConfigServer {
  private child: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    private records: Served,
  ) {}

  /** One that does not run yet. */
  static async at(records: Served): Promise<ConfigServer> {
    return new ConfigServer(await freePort(), records);
  }

  /** For a gateway that loads from here. */
  get settings(): Readonly<Record<string, string | number>> {
    return {
      'config.loader.type': 'rest',
      'config.loader.baseUrl': `http://127.0.0.1:${this.port}`,
      'config.loader.timeout': 1000,
      'gateway.refreshMs': 300,
    };
  }

  async start(): Promise<void> {
    const script = join(import.meta.dirname, '../soak/source.process.mjs');
    this.child = fork(script, [String(this.port)], { execArgv: [] });
    await once(this.child, 'message');
    await this.set(this.records);
  }

  async set(records: Served): Promise<void> {
    this.records = records;
    if (this.child === null) return;
    this.child.send({ id: 1, question: 'set', records });
    await once(this.child, 'message');
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
