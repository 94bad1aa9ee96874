import { collectDefaultMetrics, Registry } from 'prom-client';
import type { RegistryMetric } from './otlp-metrics/otlp-metrics.js';

/** One sample of a metric that counts for itself on the hot path and is only read here. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** How the values of several workers become one. */
export type Across = 'sum' | 'max' | 'min';

export interface MetricSource {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What several workers of a host come to together; their sum unless it says otherwise. */
  readonly across?: Across;
  samples(): Iterable<Sample>;
}

/** The registry of this process in Prometheus' text format. docs/metrics.md lists every name. */
export class Metrics {
  private readonly registry = new Registry();

  constructor(gatewayId: string) {
    this.registry.setDefaultLabels({ gateway: gatewayId });
    collectDefaultMetrics({ register: this.registry });
  }

  /** Registers what counts elsewhere; asked only when somebody scrapes. */
  add(source: MetricSource): void {
    const metric = {
      name: source.name,
      help: source.help,
      type: source.type,
      aggregator: source.across ?? 'sum',
      collect: undefined,
      get: () => ({
        name: source.name,
        help: source.help,
        type: source.type,
        aggregator: source.across ?? 'sum',
        values: [...source.samples()].map((sample) => ({
          metricName: sample.name,
          labels: sample.labels,
          value: sample.value,
        })),
      }),
    };
    this.registry.registerMetric(metric as never);
  }

  /** A value that is read when somebody scrapes. */
  addGauge(name: string, help: string, read: () => number, across: Across = 'sum'): void {
    this.add({ name, help, type: 'gauge', across, samples: () => [{ name, labels: {}, value: read() }] });
  }

  addCounter(name: string, help: string, read: () => number): void {
    this.add({ name, help, type: 'counter', samples: () => [{ name, labels: {}, value: read() }] });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** What `text` tells, as `togetherText` reads it. */
  async json(): Promise<string> {
    return JSON.stringify(await this.registry.getMetricsAsJSON());
  }

  /** What `text` would tell, as values. */
  async read(): Promise<RegistryMetric[]> {
    return (await this.registry.getMetricsAsJSON()) as unknown as RegistryMetric[];
  }

  close(): void {
    this.registry.clear();
  }
}
