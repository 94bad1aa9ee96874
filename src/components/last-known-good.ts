import type { SecretBox } from '../secrets/secret-box.js';
import type { LastKnownGood } from './component-store.js';
import type { Log } from './load-log.js';
import { readSnapshot } from './snapshot/snapshot-file.js';

/** What the snapshot holds, or null where there is none that can be used, which is logged. */
export async function readLastKnownGood(options: {
  readonly path: string;
  readonly gatewayId: string;
  readonly box: SecretBox;
  readonly log: Log;
}): Promise<LastKnownGood | null> {
  const { path, log } = options;
  const reading = await readSnapshot(path, options);
  if (reading.state === 'unusable') {
    log('error', 'The last known good components cannot be used.', { path, reason: reading.reason });
    return null;
  }
  if (reading.state === 'none') return null;
  if (reading.warning !== null) log('warn', reading.warning, { path });
  return { savedAt: reading.savedAt.toISOString(), components: reading.components };
}
