import type { Metrics, Sample } from '../../observability/metrics.js';
import type { Exchange } from '../exchange.js';

/** Upper bounds of the buckets, seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;
/** Channels with series of their own; requests of all others count under `other`. */
const MAX_CHANNELS = 1000;
const NO_CHANNEL = 'none';
const OTHER = 'other';

/** What is counted of one channel. Plain numbers: a look-up and four additions a request. */
class ChannelSeries {
  readonly buckets = new Float64Array(BOUNDS.length + 1);
  seconds = 0;
  backendSeconds = 0;
  calls = 0;
  /** method and status → requests. */
  readonly byOutcome = new Map<string, Map<number, number>>();

  constructor(readonly channel: string) {}
}

/**
 * Counts requests on the hot path and hands the figures out when somebody scrapes. Labels are bounded: configured channels, the
 * methods that the wire lets through, status codes.
 */
export class RequestMetrics {
  private readonly byChannel = new Map<string, ChannelSeries>();
  private readonly byError = new Map<string, number>();
  private ignoredOrigins = 0;

  constructor(metrics: Metrics, inFlight: () => number) {
    metrics.add({
      name: 'sluice_requests_total',
      help: 'Requests by channel, method and status (499: the client went away).',
      type: 'counter',
      samples: () => this.outcomes(),
    });
    metrics.add({
      name: 'sluice_request_duration_seconds',
      help: 'Time from the head of a request to the end of its reply.',
      type: 'histogram',
      samples: () => this.durations(),
    });
    metrics.add({
      name: 'sluice_backend_seconds_total',
      help: 'Time that requests spent in calls to runners.',
      type: 'counter',
      samples: () => this.perChannel('sluice_backend_seconds_total', (series) => series.backendSeconds),
    });
    metrics.add({
      name: 'sluice_backend_calls_total',
      help: 'Calls to runners, each try counted.',
      type: 'counter',
      samples: () => this.perChannel('sluice_backend_calls_total', (series) => series.calls),
    });
    metrics.add({
      name: 'sluice_errors_total',
      help: 'Refusals and faults by the name that the log has.',
      type: 'counter',
      samples: () => this.errors(),
    });
    metrics.addCounter(
      'sluice_origins_ignored_total',
      'Rierino-Origin values that were no origin.',
      () => this.ignoredOrigins,
    );
    metrics.addGauge('sluice_requests_in_flight', 'Requests that have begun and not ended.', inFlight);
  }

  ignoredOrigin(): void {
    this.ignoredOrigins++;
  }

  count(exchange: Exchange, endedAt: number): void {
    const series = this.seriesOf(exchange.channel === null ? NO_CHANNEL : exchange.channel.id);
    const seconds = (endedAt - exchange.startedAt) / 1000;
    series.seconds += seconds;
    series.buckets[bucketOf(seconds)]!++;
    series.calls += exchange.attempts;
    series.backendSeconds += (exchange.calledTill - exchange.calledAt) / 1000;
    const method = knownMethod(exchange.head.method);
    let byStatus = series.byOutcome.get(method);
    if (byStatus === undefined) series.byOutcome.set(method, (byStatus = new Map<number, number>()));
    byStatus.set(exchange.status, (byStatus.get(exchange.status) ?? 0) + 1);
    if (exchange.error !== null) this.countError(exchange.error);
  }

  /** Also for what never became a request. */
  countError(error: string): void {
    this.byError.set(error, (this.byError.get(error) ?? 0) + 1);
  }

  private seriesOf(channel: string): ChannelSeries {
    const known = this.byChannel.get(channel);
    if (known !== undefined) return known;
    if (this.byChannel.size >= MAX_CHANNELS && channel !== OTHER && channel !== NO_CHANNEL) return this.seriesOf(OTHER);
    const made = new ChannelSeries(channel);
    this.byChannel.set(channel, made);
    return made;
  }

  private *outcomes(): Iterable<Sample> {
    for (const { channel, byOutcome } of this.byChannel.values()) {
      for (const [method, byStatus] of byOutcome) {
        for (const [status, value] of byStatus) {
          yield { name: 'sluice_requests_total', labels: { channel, method, status }, value };
        }
      }
    }
  }

  private *durations(): Iterable<Sample> {
    const name = 'sluice_request_duration_seconds';
    for (const { channel, buckets, seconds } of this.byChannel.values()) {
      let below = 0;
      for (const [index, count] of buckets.entries()) {
        below += count;
        yield { name: `${name}_bucket`, labels: { channel, le: BOUNDS[index] ?? '+Inf' }, value: below };
      }
      yield { name: `${name}_sum`, labels: { channel }, value: seconds };
      yield { name: `${name}_count`, labels: { channel }, value: below };
    }
  }

  private *perChannel(name: string, read: (series: ChannelSeries) => number): Iterable<Sample> {
    for (const series of this.byChannel.values())
      yield { name, labels: { channel: series.channel }, value: read(series) };
  }

  private *errors(): Iterable<Sample> {
    for (const [error, value] of this.byError) yield { name: 'sluice_errors_total', labels: { error }, value };
  }
}

function bucketOf(seconds: number): number {
  let index = 0;
  while (index < BOUNDS.length && seconds > BOUNDS[index]!) index++;
  return index;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** A method that the wire refused is still counted, under one name. */
function knownMethod(method: string): string {
  return METHODS.has(method) ? method : OTHER;
}
