/** A metric as the registry hands it out (prom-client, `getMetricsAsJSON`). */
export interface RegistryMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly RegistryValue[];
}
export interface RegistryValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  /** Of histograms: with `_bucket`, `_sum` or `_count`. */
  readonly metricName?: string | undefined;
}

export interface OtlpPoint {
  readonly attributes: readonly OtlpAttribute[];
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
}
export interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}
export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  readonly unit?: string;
  readonly sum?: {
    readonly dataPoints: readonly OtlpPoint[];
    readonly aggregationTemporality: 2;
    readonly isMonotonic: true;
  };
  readonly gauge?: { readonly dataPoints: readonly OtlpPoint[] };
  readonly histogram?: { readonly dataPoints: readonly OtlpPoint[]; readonly aggregationTemporality: 2 };
}

/** When the counters began, and when they were read: epoch ms. */
export interface MetricTimes {
  readonly sinceMs: number;
  readonly atMs: number;
}

/** AGGREGATION_TEMPORALITY_CUMULATIVE. */
const CUMULATIVE = 2;

/** The body of an OTLP/HTTP request in JSON (opentelemetry-proto, ExportMetricsServiceRequest). */
export function otlpMetrics(
  metrics: readonly RegistryMetric[],
  resource: Readonly<Record<string, string>>,
  times: MetricTimes,
): object {
  const converted = metrics.map((metric) => otlpMetric(metric, times)).filter((metric) => metric !== null);
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeMetrics: [{ scope: { name: 'sluice' }, metrics: converted }],
      },
    ],
  };
}

/** Null for what has no points, and for kinds that OTLP has no like of (summaries). */
export function otlpMetric(metric: RegistryMetric, times: MetricTimes): OtlpMetric | null {
  const head = { name: metric.name, description: metric.help, ...unitOf(metric.name) };
  switch (metric.type) {
    case 'counter': {
      const dataPoints = numberPoints(metric, times, true);
      const sum = { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } as const;
      return dataPoints.length === 0 ? null : { ...head, sum };
    }
    case 'gauge': {
      const dataPoints = numberPoints(metric, times, false);
      return dataPoints.length === 0 ? null : { ...head, gauge: { dataPoints } };
    }
    case 'histogram': {
      const dataPoints = histogramPoints(metric, times);
      return dataPoints.length === 0
        ? null
        : { ...head, histogram: { dataPoints, aggregationTemporality: CUMULATIVE } };
    }
    default:
      return null;
  }
}

/** UCUM's names; a counter's `_total` is no unit. */
function unitOf(name: string): { readonly unit?: string } {
  if (/_seconds(_total)?$/.test(name)) return { unit: 's' };
  return /_bytes(_total)?$/.test(name) ? { unit: 'By' } : {};
}

function numberPoints({ values }: RegistryMetric, times: MetricTimes, isSum: boolean): OtlpPoint[] {
  // JSON has no NaN: a figure that is none (a delay before the first measurement) is left out.
  return values
    .filter(({ value }) => Number.isFinite(value))
    .map(({ labels, value }) => ({ attributes: attributesOf(labels), ...timesOf(times, isSum), asDouble: value }));
}

interface Histogram {
  readonly labels: RegistryValue['labels'];
  /** Upper bound → count of all below it. */
  readonly below: Map<number, number>;
  sum: number;
  count: number;
}

function histogramPoints({ name, values }: RegistryMetric, times: MetricTimes): OtlpPoint[] {
  const byLabels = new Map<string, Histogram>();
  for (const { metricName, labels, value } of values) {
    const { le, ...own } = labels;
    const key = JSON.stringify(Object.entries(own).sort(([one], [other]) => (one < other ? -1 : 1)));
    const histogram = byLabels.get(key) ?? { labels: own, below: new Map<number, number>(), sum: 0, count: 0 };
    byLabels.set(key, histogram);
    if (metricName === `${name}_sum`) histogram.sum = value;
    else if (metricName === `${name}_count`) histogram.count = value;
    else if (le !== undefined) histogram.below.set(le === '+Inf' ? Infinity : Number(le), value);
  }
  return [...byLabels.values()].map((histogram) => histogramPoint(histogram, times));
}

/** Prometheus counts all below a bound, OTLP those between two. */
function histogramPoint({ labels, below, sum, count }: Histogram, times: MetricTimes): OtlpPoint {
  const explicitBounds = [...below.keys()].filter((bound) => bound !== Infinity).sort((one, other) => one - other);
  const cumulated = [...explicitBounds.map((bound) => below.get(bound)!), count];
  const bucketCounts = cumulated.map((value, index) => String(value - (cumulated[index - 1] ?? 0)));
  return {
    ...{ attributes: attributesOf(labels), ...timesOf(times, true) },
    ...{ count: String(count), sum, bucketCounts, explicitBounds },
  };
}

function attributesOf(labels: RegistryValue['labels']): OtlpAttribute[] {
  return Object.entries(labels).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: { stringValue: String(value) } }],
  );
}

function timesOf(
  { sinceMs, atMs }: MetricTimes,
  isSum: boolean,
): Pick<OtlpPoint, 'startTimeUnixNano' | 'timeUnixNano'> {
  const timeUnixNano = nanoseconds(atMs);
  return isSum ? { startTimeUnixNano: nanoseconds(sinceMs), timeUnixNano } : { timeUnixNano };
}

/** 64-bit numbers are text in JSON. */
const nanoseconds = (ms: number): string => `${Math.floor(ms)}000000`;
