import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Resource } from '@opentelemetry/resources';
import type { RecordedRequest, RequestSpans } from '../../contracts/request-spans.js';
import { reasonOf, type ExportHealth } from '../export-health.js';
import { closableAgent } from './closable-agent.js';
import { spansOf } from './spans-of.js';

/** Spans that wait for their export: what comes beyond is dropped. */
const MAX_QUEUE = 4096;
const MAX_BATCH = 512;
/** How long a span waits for others to go with it. */
const BATCH_DELAY_MS = 1000;
/** One export with its retries. */
const SEND_TIMEOUT_MS = 8000;
const EXPORT_TIMEOUT_MS = 10_000;

export interface OtlpSpansOptions {
  /** With /v1/traces. */
  readonly url: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly health: ExportHealth;
}

/** Sends spans over OTLP/HTTP in batches, in the background. OpenTelemetry is loaded here and nowhere else. */
export async function openOtlpSpans({ url, attributes, health }: OtlpSpansOptions): Promise<OtlpSpans> {
  const [{ BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const { agent, close } = closableAgent(url);
  const exporter = new OTLPTraceExporter({
    url,
    timeoutMillis: SEND_TIMEOUT_MS,
    concurrencyLimit: MAX_QUEUE / MAX_BATCH,
    httpAgentOptions: () => agent,
  });
  const counting = new CountingExporter(exporter, health);
  const processor = new BatchSpanProcessor({
    exporter: counting,
    maxQueueSize: MAX_QUEUE,
    maxExportBatchSize: MAX_BATCH,
    scheduledDelayMillis: BATCH_DELAY_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  return new OtlpSpans(processor, counting, { resource: resourceFromAttributes(attributes), disconnect: close });
}

export class OtlpSpans implements RequestSpans {
  private refused = 0;

  constructor(
    private readonly processor: SpanProcessor,
    private readonly exporter: CountingExporter,
    private readonly parts: { readonly resource: Resource; readonly disconnect: () => void },
  ) {}

  /** Spans by what became of them: `refused` found the queue full, those of a failed export are `lost`. */
  get counts(): { readonly exported: number; readonly refused: number; readonly lost: number } {
    const { exported, lost } = this.exporter;
    return { exported, refused: this.refused, lost };
  }

  record(request: RecordedRequest): void {
    for (const span of spansOf(request, this.parts.resource)) {
      if (this.exporter.waiting >= MAX_QUEUE) this.refused++;
      else {
        this.exporter.waiting++;
        this.processor.onEnd(span);
      }
    }
  }

  /** Sends what waits, for at most that long. */
  async close(boundMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, boundMs);
    this.processor.shutdown().then(resolve, resolve);
    await promise;
    clearTimeout(timer);
    this.parts.disconnect();
  }
}

/** What stands in the processor's queue and what became of it, which the processor does not tell. */
export class CountingExporter implements SpanExporter {
  waiting = 0;
  exported = 0;
  /** Spans of exports that failed. */
  lost = 0;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly health: ExportHealth,
  ) {}

  export: SpanExporter['export'] = (spans, done) => {
    this.waiting -= spans.length;
    let isSettled = false;
    const settle = (failure: string | null): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      if (failure === null) {
        this.exported += spans.length;
        this.health.succeeded();
      } else {
        this.lost += spans.length;
        this.health.failed(failure);
      }
    };
    // A collector that answers byte by byte holds an export for ever; the processor goes on without it.
    const timer = setTimeout(() => settle('the export took too long'), EXPORT_TIMEOUT_MS);
    timer.unref();
    this.exporter.export(spans, (result) => {
      // ExportResultCode.SUCCESS, which stands in a package of OpenTelemetry's own.
      settle(Number(result.code) === 0 ? null : reasonOf(result.error));
      done(result);
    });
  };

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }
}
