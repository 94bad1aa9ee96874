import { hostname } from 'node:os';
import type { ReplicaInfo } from '../contracts/replica.js';
import type { RequestSpans } from '../contracts/request-spans.js';
import { ExportHealth } from './export-health.js';
import type { ProcessLog } from './logger.js';
import type { Metrics } from './metrics.js';
import { MetricsPush } from './otlp-metrics/metrics-push.js';
import { openOtlpSpans, type OtlpSpans } from './tracing/otlp-spans.js';

export interface TelemetryOptions {
  readonly settings: {
    readonly gateway: { readonly id: string };
    /** telemetry.otlp.endpoint: the paths of the signals are added to it. Null: nothing is exported, and nothing loaded. */
    readonly telemetry: { readonly otlpEndpoint: string | null };
  };
  readonly replica: Pick<ReplicaInfo, 'instance'>;
  /** Where the headers of exports stand (OTEL_EXPORTER_OTLP_HEADERS). */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How long the end of the process waits for a collector: one that answered last, one that did not. */
const CLOSE_MS = 3000;
const CLOSE_AWAY_MS = 500;

export async function openTelemetry(
  options: TelemetryOptions,
  metrics: Metrics,
  log: ProcessLog,
): Promise<Telemetry | null> {
  const { otlpEndpoint } = options.settings.telemetry;
  return otlpEndpoint === null ? null : Telemetry.open(otlpEndpoint, options, { metrics, log });
}

/** What this process exports over OTLP/HTTP. Made only where telemetry.otlp.endpoint is set. */
export class Telemetry {
  private constructor(
    private readonly otlpSpans: OtlpSpans,
    private readonly push: MetricsPush,
    private readonly health: { readonly traces: ExportHealth; readonly metrics: ExportHealth },
  ) {}

  static async open(
    endpoint: string,
    { settings, replica, env }: TelemetryOptions,
    { metrics, log }: { readonly metrics: Metrics; readonly log: ProcessLog },
  ): Promise<Telemetry> {
    const base = endpoint.replace(/\/+$/, '');
    const attributes = {
      'service.name': 'sluice',
      // Unique where instance numbers are constant, too, as long as hosts have names of their own.
      'service.instance.id': `${hostname()}-${process.pid}-${replica.instance}`,
      'host.name': hostname(),
      'sluice.gateway': settings.gateway.id,
    };
    const health = { traces: new ExportHealth('traces', log), metrics: new ExportHealth('metrics', log) };
    const spans = await openOtlpSpans({ url: `${base}/v1/traces`, attributes, health: health.traces });
    const push = new MetricsPush({
      ...{ url: `${base}/v1/metrics`, headers: otlpHeaders(env), attributes, health: health.metrics },
      read: () => metrics.read(),
    });
    addTelemetryMetrics(metrics, spans, Object.values(health));
    return new Telemetry(spans, push, health);
  }

  get spans(): RequestSpans {
    return this.otlpSpans;
  }

  /** Sends what is left, within a bound, whatever the collector does. */
  async close(): Promise<void> {
    const { traces, metrics } = this.health;
    await Promise.all([
      this.otlpSpans.close(traces.isAway ? CLOSE_AWAY_MS : CLOSE_MS),
      this.push.close(traces.isAway || metrics.isAway ? CLOSE_AWAY_MS : CLOSE_MS),
    ]);
  }
}

function addTelemetryMetrics(metrics: Metrics, spans: OtlpSpans, signals: readonly ExportHealth[]): void {
  metrics.addCounter('sluice_spans_exported_total', 'Spans that the collector took.', () => spans.counts.exported);
  metrics.add({
    name: 'sluice_spans_dropped_total',
    help: 'Spans that were lost, by reason: the queue was full, or their export failed.',
    type: 'counter',
    *samples() {
      const { refused, lost } = spans.counts;
      yield { name: 'sluice_spans_dropped_total', labels: { reason: 'queue' }, value: refused };
      yield { name: 'sluice_spans_dropped_total', labels: { reason: 'export' }, value: lost };
    },
  });
  metrics.add({
    name: 'sluice_telemetry_export_failures_total',
    help: 'Exports that failed, by signal.',
    type: 'counter',
    *samples() {
      for (const { signal, failures } of signals)
        yield { name: 'sluice_telemetry_export_failures_total', labels: { signal }, value: failures };
    },
  });
}

/**
 * Headers that a collector asks for, from OpenTelemetry's own variables, as the exporter of traces reads them: `name=value` with
 * commas between, values percent-encoded.
 */
export function otlpHeaders(env: TelemetryOptions['env']): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const text of [env['OTEL_EXPORTER_OTLP_HEADERS'], env['OTEL_EXPORTER_OTLP_METRICS_HEADERS']]) {
    for (const pair of (text ?? '').split(',')) {
      const equals = pair.indexOf('=');
      const name = pair.slice(0, equals).trim().toLowerCase();
      if (equals > 0 && name !== '') headers[name] = decoded(pair.slice(equals + 1).trim());
    }
  }
  return headers;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
