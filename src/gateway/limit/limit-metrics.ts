import type { Metrics, Sample } from '../../observability/metrics.js';
import type { ChannelLimits, LimitCounts, LimitStates } from './channel-limits.js';

/** Channels with series of their own; all others count under `other`. */
const MOST_CHANNELS = 200;

const LIMITS: readonly (readonly [field: keyof LimitCounts, label: string])[] = [
  ['globalRate', 'global'],
  ['userRate', 'user'],
  ['bulkhead', 'bulkhead'],
  ['breaker', 'breaker'],
];

type Value = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Registers what is known of limits; read when somebody scrapes. */
export function addLimitMetrics(metrics: Metrics, states: LimitStates): void {
  const add = (
    name: string,
    help: string,
    type: 'gauge' | 'counter',
    read: (limits: ChannelLimits) => readonly Value[],
  ) => metrics.add({ name, help, type, samples: () => sumsByChannel(name, states.all(), read) });

  add('sluice_limit_refused_total', 'Requests that a limit of their channel refused.', 'counter', ({ refused }) =>
    LIMITS.map(([field, limit]): Value => [{ limit }, refused[field]]),
  );
  add('sluice_limit_waiting', 'Requests that wait for their turn at a limit.', 'gauge', ({ globalRate, bulkhead }) => [
    [{ limit: 'global' }, globalRate?.snapshot().waiting ?? 0],
    [{ limit: 'bulkhead' }, bulkhead?.snapshot().waiting ?? 0],
  ]);
  add('sluice_bulkhead_calls', 'Calls that are under way in a bulkhead.', 'gauge', ({ bulkhead }) =>
    bulkhead === null ? [] : [[{}, bulkhead.snapshot().active]],
  );
  add('sluice_breakers', 'Circuit breakers of concrete paths, by state.', 'gauge', (limits) => {
    const counts = new Map<string, number>();
    for (const { stateName } of limits.allBreakers()) counts.set(stateName, (counts.get(stateName) ?? 0) + 1);
    return [...counts].map(([state, count]): Value => [{ state }, count]);
  });
}

/** Channels beyond the bound share a series, which is there once. */
function sumsByChannel(
  name: string,
  all: Iterable<ChannelLimits>,
  read: (limits: ChannelLimits) => readonly Value[],
): Iterable<Sample> {
  const samples = new Map<string, { name: string; labels: Record<string, string>; value: number }>();
  let named = 0;
  for (const limits of all) {
    const channel = named++ < MOST_CHANNELS ? limits.channel : 'other';
    for (const [further, value] of read(limits)) {
      const labels = { channel, ...further };
      const key = JSON.stringify(labels);
      const sample = samples.get(key);
      if (sample === undefined) samples.set(key, { name, labels, value });
      else sample.value += value;
    }
  }
  return samples.values();
}
