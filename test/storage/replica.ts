import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EditOptions, EditOutcome, GivenRecord } from '../../src/components/database/component-edits.js';
import { call } from '../support/call.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';
import { applyTo } from './control.js';

/** A gateway whose components are in a Postgres, with a data folder that outlives its process. */
export class Replica {
  private running: TestGateway | null = null;
  readonly data = mkdtempSync(join(tmpdir(), 'sluice-replica-'));

  constructor(private readonly settings: Readonly<Record<string, string | number>>) {}

  get gateway(): TestGateway {
    if (this.running === null) throw new Error('The replica was not started.');
    return this.running;
  }

  spawn(): TestGateway {
    this.running = TestGateway.spawn({
      settings: {
        'config.loader.type': 'database',
        'secrets.key': 'k'.repeat(32),
        'data.folder': this.data,
        ...this.settings,
      },
    });
    return this.running;
  }

  /** Answers in how many ms it was ready. */
  async start(): Promise<number> {
    const startedAt = performance.now();
    const gateway = this.spawn();
    await gateway.until(() => gateway.output.includes('"msg":"ready"'), 40_000);
    return performance.now() - startedAt;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.running?.stop(signal);
    this.running = null;
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.data, { recursive: true, force: true });
  }

  apply(records: readonly GivenRecord[], options?: EditOptions): Promise<EditOutcome> {
    return applyTo(this.data, records, options);
  }

  async status(channel: string): Promise<number> {
    return (await call(this.gateway.port, `/api/request/${channel}/x`)).status;
  }

  async hasStatus(channel: string, status: number, boundMs?: number): Promise<void> {
    await until(
      async () => (await this.status(channel)) === status,
      boundMs,
      () => this.gateway.output.slice(-5000),
    );
  }

  async faults(): Promise<readonly string[]> {
    return (await this.gateway.health()).faults.map(({ message }) => String(message));
  }

  async hasFaults(expected: RegExp | null, boundMs = 40_000): Promise<void> {
    await until(
      async () => {
        const faults = await this.faults();
        return expected === null ? faults.length === 0 : faults.some((fault) => expected.test(fault));
      },
      boundMs,
      () => this.gateway.output.slice(-5000),
    );
  }
}

/** What the release notes and docs/operations.md tell; printed, since it depends on the machine. */
export function note(what: string, ms: number | readonly number[]): void {
  const sorted = [...(typeof ms === 'number' ? [ms] : ms)].sort((a, b) => a - b).map(Math.round);
  const figures =
    sorted.length === 1
      ? `${sorted[0]} ms`
      : `median ${sorted[Math.floor(sorted.length / 2)]} ms, most ${sorted.at(-1)} ms`;
  process.stdout.write(`${what}: ${figures}\n`);
}
