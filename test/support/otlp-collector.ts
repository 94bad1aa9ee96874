import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OtlpMetric } from '../../src/observability/otlp-metrics/otlp-metrics.js';

/** A span as OTLP/HTTP has it in JSON, its attributes as an object. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty without a parent. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 2: of a server, 3: of a client (the wire counts from 1). */
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

interface WireAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
type WireSpan = Omit<CollectedSpan, 'attributes' | 'resource'> & { readonly attributes: WireAttribute[] };
interface WireResource {
  readonly resource: { readonly attributes: WireAttribute[] };
}
interface TracesBody {
  readonly resourceSpans: (WireResource & { readonly scopeSpans: { readonly spans: WireSpan[] }[] })[];
}
interface MetricsBody {
  readonly resourceMetrics: (WireResource & { readonly scopeMetrics: { readonly metrics: OtlpMetric[] }[] })[];
}

/** What a collector does with an export. */
export type CollectorMode = 'takes' | 'fails' | 'hangs';

/** A collector that remembers what it got over OTLP/HTTP in JSON. */
export class OtlpCollector {
  readonly spans: CollectedSpan[] = [];
  readonly metrics: OtlpMetric[] = [];
  /** Attributes of the resource that metrics came from, last. */
  metricsResource: Readonly<Record<string, unknown>> = {};
  /** `path` and headers of each export, also of those that were not taken. */
  readonly exports: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  /** All bodies, to look for what must not be in them. */
  text = '';
  mode: CollectorMode = 'takes';

  private constructor(private readonly server: Server) {}

  static async start(port = 0): Promise<OtlpCollector> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    const collector = new OtlpCollector(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        collector.exports.push({ path: request.url!, headers: request.headers });
        collector.take(request.url!, Buffer.concat(chunks).toString(), response);
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  clear(): void {
    this.spans.length = this.metrics.length = this.exports.length = 0;
    this.text = '';
  }

  spansOf(traceId: string): CollectedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(path: string, body: string, response: ServerResponse): void {
    if (this.mode === 'hangs') return;
    if (this.mode === 'fails') return void response.writeHead(500).end('out of order');
    this.text += body;
    if (path.endsWith('/v1/traces')) this.takeSpans(JSON.parse(body) as TracesBody);
    else this.takeMetrics(JSON.parse(body) as MetricsBody);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  }

  private takeSpans({ resourceSpans }: TracesBody): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        const own = { attributes: valuesOf(span.attributes), resource: valuesOf(resource.attributes) };
        this.spans.push({ ...span, parentSpanId: span.parentSpanId ?? '', ...own });
      }
    }
  }

  private takeMetrics({ resourceMetrics }: MetricsBody): void {
    for (const { resource, scopeMetrics } of resourceMetrics) {
      this.metricsResource = valuesOf(resource.attributes);
      this.metrics.push(...scopeMetrics.flatMap(({ metrics }) => metrics));
    }
  }
}

const valuesOf = (attributes: readonly WireAttribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
