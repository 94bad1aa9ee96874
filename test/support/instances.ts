import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

type Mode = { readonly name: 'well' | 'errors' } | { readonly name: 'slow'; readonly ms: number };

/** One instance of a runner as a process of its own. It ends with the test. */
export class InstanceProcess {
  private asked = 0;

  private constructor(
    private child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(port = 0): Promise<InstanceProcess> {
    const { child, port: bound } = await begun(port);
    return new InstanceProcess(child, bound);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** What it was asked so far, and what it has in hand. */
  async does(mode: Mode): Promise<{ readonly calls: number; readonly inFlight: number }> {
    return this.ask({ mode });
  }

  async counts(): Promise<{ readonly calls: number; readonly inFlight: number }> {
    return this.ask({});
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  /** In its old place. */
  async restart(): Promise<void> {
    this.child = (await begun(this.port)).child;
  }

  private async ask(question: object): Promise<{ calls: number; inFlight: number }> {
    const id = ++this.asked;
    const { promise, resolve } = Promise.withResolvers<{ calls: number; inFlight: number }>();
    const listen = (told: { id: number; calls: number; inFlight: number }): void => {
      if (told.id !== id) return;
      this.child.off('message', listen);
      resolve(told);
    };
    this.child.on('message', listen);
    this.child.send({ id, ...question });
    return promise;
  }
}

async function begun(port: number): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(join(import.meta.dirname, 'instance.process.mjs'), [String(port)], { stdio: 'inherit' });
  const [told] = (await once(child, 'message')) as [{ port: number }];
  return { child, port: told.port };
}
