import type { ProcessLog } from '../observability/logger.js';
import type { LoadedSettings, SettingsInput } from '../settings/read-settings.js';
import { placeFrom } from '../settings/worker-place.js';

/** What main.ts runs: the gateway in one process, one of several workers, or the supervisor of these. */
export interface Program {
  readonly log: ProcessLog;
  /** Resolves with an exit code where the process must end though nobody told it to. */
  readonly mustEnd: Promise<number>;
  /** What to print once it serves. */
  readonly welcome: string | null;
  /** @throws what keeps it from starting */
  start(): Promise<void>;
  /** Once, however often it is called. False where not all ended by itself. */
  stop(): Promise<boolean>;
  /** SIGHUP. */
  refresh(): Promise<void>;
}

/** A supervisor loads nothing of the gateway, and a process alone nothing of the supervisor. */
export async function programFor(loaded: LoadedSettings, input: SettingsInput): Promise<Program> {
  const place = placeFrom(input.env, process.send !== undefined);
  if (place === null && loaded.settings.server.workers > 1) {
    const { Supervisor } = await import('./supervisor/supervisor.js');
    return new Supervisor(loaded, input);
  }
  const channel = place === null ? null : new (await import('./supervisor/worker-channel.js')).WorkerChannel(place);
  const { GatewayProcess } = await import('./gateway-process.js');
  return new GatewayProcess(loaded, input.env, channel);
}
