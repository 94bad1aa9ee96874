import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SAMPLE_RUNNER } from './sample-local-runner.js';

/** The sample runner as a process of its own beside the gateway (demo.enabled): it ends with the gateway, however that ends. */
export class SampleProcess {
  /** Resolves when it listens, which its first line says, or has ended. */
  readonly settled: Promise<void>;
  private readonly child: ChildProcess;

  constructor(dataFolder: string, onExit: () => void) {
    const main = fileURLToPath(new URL('main.js', SAMPLE_RUNNER));
    this.child = spawn(process.execPath, [main, '--data', join(dataFolder, 'sample-runner')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { SAMPLE_RUNNER_WITH_PARENT: 'true' },
    });
    this.child.once('exit', onExit);
    this.child.once('error', onExit);
    this.child.stdin?.on('error', () => undefined);
    this.settled = new Promise((resolve) => {
      this.child.stdout?.on('data', () => resolve());
      for (const end of ['exit', 'error']) this.child.once(end, () => resolve());
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await gone;
  }
}
