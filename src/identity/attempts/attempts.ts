import { randomUUID } from 'node:crypto';
import type { BoundedStore } from '../../storage/bounded-store.js';
import { tooManyFailures, unavailable } from '../identity-faults.js';
import { addressKey } from './attempt-keys.js';
import { BEGIN, SETTLE, type BegunRow, type SettledRow } from './attempt-statements.js';

export interface AttemptLimits {
  /** Failures of a name, and of an address, within the window. */
  readonly ofName: number;
  readonly ofAddress: number;
  readonly windowMs: number;
  readonly lockMs: number;
}

/** A try that may go on. It must be settled. */
export interface Try {
  readonly nameKey: string;
  readonly addressKey: string | null;
  readonly limits: AttemptLimits;
  /** The name is locked: whatever is tried fails, and takes as long as ever. */
  readonly isLocked: boolean;
  /** Of the name, before this one. */
  readonly failures: number;
}

export type TryOutcome = 'failed' | 'succeeded' | 'released';

/** Tries of one name under way at once, here and elsewhere, that might all fail: who comes then waits for their end. */
const BUSY_MS = 100;
const MOST_WAITS = 50;

/** Failed logins by name and by address, counted in the database for all replicas. A try counts before its outcome is known. */
export class Attempts {
  constructor(
    private readonly store: Pick<BoundedStore, 'rows'>,
    private readonly sleep: (ms: number) => Promise<void>,
  ) {}

  /** @param nameKey of attempt-keys.ts @throws IdentityFault 429 where the address has failed too often, 503 */
  async begin(nameKey: string, address: string | null, limits: AttemptLimits): Promise<Try> {
    for (let waits = 0; waits < MOST_WAITS; waits++) {
      const begun = await this.tryOnce(nameKey, address === null ? null : addressKey(address), limits);
      if (begun !== null) return begun;
      await this.sleep(BUSY_MS);
    }
    throw unavailable('too many logins of this user are under way');
  }

  /** @returns failures of the name by now */
  async settle(attempt: Try, outcome: TryOutcome): Promise<number> {
    if (attempt.isLocked) return attempt.failures + 1;
    const { nameKey, addressKey: address, limits } = attempt;
    const keys = address === null ? [nameKey] : [nameKey, address];
    const fails = outcome === 'failed';
    const rows = await this.store.rows<SettledRow>(SETTLE, [
      keys,
      keys.map(() => fails),
      // A success says nothing of the other names that an address tried.
      [outcome === 'succeeded', false].slice(0, keys.length),
      [limits.ofName, limits.ofAddress].slice(0, keys.length),
      [limits.lockMs, null].slice(0, keys.length),
    ]);
    return rows.find(({ key }) => key === nameKey)?.failures ?? 0;
  }

  /** Null where others of that name are under way, and have to end first. */
  private async tryOnce(nameKey: string, address: string | null, limits: AttemptLimits): Promise<Try | null> {
    const keys = address === null ? [nameKey] : [nameKey, address];
    const mosts = [limits.ofName, limits.ofAddress].slice(0, keys.length);
    const rows = await this.store.rows<BegunRow>(BEGIN, [keys, mosts, limits.windowMs, randomUUID()]);
    const name = rows.find(({ key }) => key === nameKey)!;
    const place = rows.find(({ key }) => key === address);
    const attempt: Try = { nameKey, addressKey: address, limits, isLocked: false, failures: name.failures };
    const isLocked = name.isLocked || (!name.ok && name.failures >= limits.ofName);
    if (name.ok && place?.ok !== false) return attempt;
    if (name.ok) await this.settle({ ...attempt, addressKey: null }, 'released');
    if (place?.ok === true) {
      // Who tries a locked name counts as any other that fails.
      const outcome = isLocked ? 'failed' : 'released';
      await this.settle({ ...attempt, nameKey: address!, addressKey: null, limits: placeLimits(limits) }, outcome);
    }
    if (place !== undefined && !place.ok && place.failures >= limits.ofAddress)
      throw tooManyFailures(Math.max(1, Math.ceil(place.leftMs / 1000)));
    return isLocked ? { ...attempt, isLocked } : null;
  }
}

const MOST_INT = 2_147_483_647;
/** An address is never locked beyond its window. */
function placeLimits(limits: AttemptLimits): AttemptLimits {
  return { ...limits, ofName: MOST_INT };
}
