import type { SecretBox } from '../secrets/secret-box.js';
import type { LastKnownGood, UnusableGood } from './known-good.js';
import type { Log } from './load-log.js';
import { readSnapshot } from './snapshot/snapshot-file.js';

/** What the snapshot holds, or why it cannot be used, which is logged; null where there is none. */
export async function readLastKnownGood(options: {
  readonly path: string;
  readonly gatewayId: string;
  readonly box: SecretBox;
  readonly log: Log;
}): Promise<LastKnownGood | UnusableGood | null> {
  const { path, log } = options;
  const reading = await readSnapshot(path, options);
  if (reading.state === 'unusable') {
    log('error', 'The last known good components cannot be used.', { path, reason: reading.reason });
    return { unusable: reading.reason };
  }
  if (reading.state === 'none') return null;
  if (reading.warning !== null) log('warn', reading.warning, { path });
  return { savedAt: reading.savedAt.toISOString(), components: reading.components };
}
