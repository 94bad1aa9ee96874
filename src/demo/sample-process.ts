import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SAMPLE_RUNNER } from './built-examples.js';

/** A program of the examples that the demo starts. */
export interface SampleProgram {
  /** For the log. */
  readonly name: string;
  /** What its end means. */
  readonly missed: string;
  readonly main: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What `demo.enabled` runs beside the gateway, each at the port that the sample components name. */
export function samplePrograms(dataFolder: string): readonly SampleProgram[] {
  return [
    {
      name: 'sample runner',
      missed: 'calls to the sample channels fail',
      main: fileURLToPath(new URL('main.js', SAMPLE_RUNNER)),
      args: ['--data', join(dataFolder, 'sample-runner')],
      env: { SAMPLE_RUNNER_WITH_PARENT: 'true' },
    },
  ];
}

/** A sample program as a process of its own beside the gateway (demo.enabled): it ends with the gateway, however that ends. */
export class SampleProcess {
  /** Resolves when it listens, which its first line says, or has ended. */
  readonly settled: Promise<void>;
  private readonly child: ChildProcess;

  constructor({ main, args, env }: SampleProgram, onExit: () => void) {
    this.child = spawn(process.execPath, [main, ...args], { stdio: ['pipe', 'pipe', 'inherit'], env });
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
