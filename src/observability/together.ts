import { AggregatorRegistry } from 'prom-client';

/** A metric as `Metrics.json` tells it. */
export interface MetricValues {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: string;
  readonly values: readonly unknown[];
}

/** Of what prom-client would leave out or average over workers, the worst counts. */
const ACROSS: Readonly<Record<string, string>> = { omit: 'max', average: 'max' };

/** Metrics of several processes as one: sums, but for those that say otherwise. */
export function together(parts: readonly (readonly MetricValues[])[]): MetricValues[] {
  const ready = parts.map((part) =>
    part.map((metric) => ({ ...metric, aggregator: ACROSS[metric.aggregator] ?? metric.aggregator })),
  );
  const registry = AggregatorRegistry.aggregate(ready) as unknown as {
    getMetricsAsArray(): { get(): MetricValues }[];
  };
  return registry.getMetricsAsArray().map((metric) => metric.get());
}

/**
 * What of metrics stays true when their process has ended: what counts up. Without it sums would fall when a process ends, and every
 * monitor would take that for a reset of all.
 */
export const lasting = (part: readonly MetricValues[]): MetricValues[] =>
  part.filter(({ type }) => type === 'counter' || type === 'histogram');

/** In Prometheus' text format. @param past of processes that ended or do not answer */
export async function togetherText(parts: readonly string[], past: readonly string[]): Promise<string> {
  const read = (text: string): MetricValues[] => JSON.parse(text) as MetricValues[];
  const all = [...parts.map(read), ...past.map((text) => lasting(read(text)))];
  const ready = together(all);
  return AggregatorRegistry.aggregate([ready] as never).metrics();
}
