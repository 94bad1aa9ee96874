import { Agent, request } from 'undici';
import { reasonOf, type ExportHealth } from '../export-health.js';
import { otlpMetrics, type RegistryMetric } from './otlp-metrics.js';

const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 10_000;

export interface MetricsPushOptions {
  /** With /v1/metrics. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
  readonly health: ExportHealth;
  readonly read: () => Promise<readonly RegistryMetric[]>;
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
}

/** Sends the registry over OTLP/HTTP every minute, and once more at the end; one push at a time. */
export class MetricsPush {
  private readonly sinceMs = Math.floor(performance.timeOrigin);
  private readonly agent = new Agent({ connections: 1, allowH2: false });
  private readonly timer: NodeJS.Timeout;
  private underWay: Promise<void> | null = null;

  constructor(private readonly options: MetricsPushOptions) {
    this.timer = setInterval(() => void this.push(), options.intervalMs ?? INTERVAL_MS);
    this.timer.unref();
  }

  /** Never fails: a push that did not arrive is counted, and the next one holds what it held. */
  push(): Promise<void> {
    return (this.underWay ??= this.send().finally(() => (this.underWay = null)));
  }

  /** Sends the last figures, for at most that long. */
  async close(boundMs: number): Promise<void> {
    clearInterval(this.timer);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, boundMs);
    // One that is under way began before the last requests ended.
    void Promise.resolve(this.underWay)
      .then(() => this.push())
      .then(resolve);
    await promise;
    clearTimeout(timer);
    await this.agent.destroy();
  }

  private async send(): Promise<void> {
    const { url, headers, attributes, health, read, timeoutMs = TIMEOUT_MS } = this.options;
    try {
      const times = { sinceMs: this.sinceMs, atMs: Date.now() };
      const body = JSON.stringify(otlpMetrics(await read(), attributes, times));
      const { statusCode, body: answer } = await request(url, {
        ...{ method: 'POST', body, dispatcher: this.agent, signal: AbortSignal.timeout(timeoutMs) },
        headers: { ...headers, 'content-type': 'application/json' },
      });
      await answer.dump();
      if (statusCode < 300) health.succeeded();
      else health.failed(`status ${statusCode}`);
    } catch (error) {
      health.failed(reasonOf(error));
    }
  }
}
