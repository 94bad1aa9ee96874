import type { LogOptions } from '../observability/logger.js';
import type { Settings } from '../settings/settings.js';
import type { WorkerPlace } from '../settings/worker-place.js';

/** How this process logs. */
export function logOptions({ log, gateway, server }: Settings, place: WorkerPlace | null): LogOptions {
  return {
    level: log.level,
    format: log.format ?? (process.stdout.isTTY ? 'pretty' : 'json'),
    gatewayId: gateway.id,
    worker: place?.worker ?? null,
    sharesOutput: server.workers > 1,
  };
}
