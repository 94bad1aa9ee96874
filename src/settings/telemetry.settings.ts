import { IsOptional } from 'class-validator';
import { isBaseUrl } from './rest-source.settings.js';
import { Custom } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

/** What is told to a collector of traces and metrics. */
export class TelemetrySettings {
  @Setting('telemetry.otlp.endpoint', {
    doc: 'where traces and metrics are exported over OTLP/HTTP; /v1/traces and /v1/metrics are added to it',
  })
  @IsOptional()
  @Custom({
    expected: 'an http or https URL without user, query and fragment',
    read: (value) => (typeof value === 'string' && value.trim() === '' ? null : String(value).trim()),
    accepts: isBaseUrl,
  })
  readonly otlpEndpoint: string | null = null;

  @Setting('telemetry.sampling', { doc: 'share of new traces that are sampled, by the trace’s id' })
  @Custom({
    expected: 'a number from 0 to 1',
    read: (value) => (typeof value === 'string' && /^\s*\d*\.?\d+\s*$/.test(value) ? Number(value) : value),
    accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  })
  readonly sampling: number = 1;
}
