import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { services } from '../support/services.js';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Postgres of this test alone, which may be killed and frozen. Starting fails loudly where there is none to start. */
export class OwnPostgres {
  private constructor(
    private readonly folder: string,
    readonly url: string,
  ) {}

  static start(): OwnPostgres {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-own-'));
    return new OwnPostgres(
      folder,
      services(folder, 'start', 'postgres')
        .replace(/^POSTGRES_URL=/, '')
        .trim(),
    );
  }

  /** All its processes, without a chance to say so. */
  kill(): void {
    this.signal('SIGKILL');
  }

  /** With the data and on the port that it had. */
  restart(): void {
    services(this.folder, 'start', 'postgres');
  }

  /** Takes connections, and answers nothing. */
  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  stop(): void {
    services(this.folder, 'stop');
  }

  private signal(signal: NodeJS.Signals): void {
    const postmaster = readFileSync(join(this.folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]!;
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', postmaster], { encoding: 'utf8' });
    for (const pid of [postmaster, ...children.split(/\s+/)].map(Number).filter((each) => each > 0)) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }
}
