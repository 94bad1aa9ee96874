import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '../support/services.js';

/** A Redis of this test alone, which may be killed. Starting fails loudly where there is none to start. */
export class OwnRedis {
  private constructor(
    private readonly folder: string,
    readonly url: string,
  ) {}

  static start(): OwnRedis {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
    const [, url] = /^REDIS_URL=(.*)$/m.exec(services(folder, 'start', 'redis'))!;
    return new OwnRedis(folder, url!);
  }

  kill(): void {
    process.kill(Number(readFileSync(join(this.folder, 'redis/pid'), 'utf8')), 'SIGKILL');
  }

  /** On the port that it had. */
  restart(): void {
    services(this.folder, 'start', 'redis');
  }

  stop(): void {
    services(this.folder, 'stop');
  }
}
