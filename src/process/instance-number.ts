import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../components/load-log.js';
import type { Settings } from '../settings/settings.js';
import { isFatal } from '../storage/fatal.js';
import type { LazyDatabase } from '../storage/lazy-database.js';

/** How long a start waits for the database's number of this process. */
const WAIT_MS = 20_000;

/**
 * The next number of the database (id.instanceNum.class: sequence); null for another class, and where the database does not answer in
 * time: that keeps no gateway from starting.
 * @throws what no try can mend
 */
export async function nextInstanceNumber(settings: Settings, database: LazyDatabase, log: Log): Promise<string | null> {
  if (settings.id.instanceNumber !== 'sequence') return null;
  try {
    const source = await Promise.race([database.open(), delay(WAIT_MS, null, { ref: false })]);
    const rows: { nextval: string }[] | undefined = await source?.query("SELECT nextval('instance_numbers')");
    if (rows?.[0] !== undefined) return rows[0].nextval;
    throw new Error('no answer in time');
  } catch (error) {
    if (isFatal(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    log('warn', 'the database gives no instance number now: the epoch is taken in its place', { reason });
    return null;
  }
}
