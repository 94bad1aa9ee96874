import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { ExpiringMap } from '../expiring-map.js';
import { invalidToken, wrongCredentials } from './refusals.js';

interface Transaction {
  readonly userId: string;
  readonly type: string;
  readonly wrongCodes: number;
}

const TTL_MS = 5 * 60_000;
const MAX_TRANSACTIONS = 10_000;
const MAX_WRONG_CODES = 3;

/** Logins whose password was right and whose one-time code is awaited. */
export class OneTimeLogins {
  private readonly transactions: ExpiringMap<Transaction>;

  constructor(now: () => number) {
    this.transactions = new ExpiringMap({ ttlMs: TTL_MS, maxEntries: MAX_TRANSACTIONS, now });
  }

  /** The transactionId that the client comes back with. */
  begin(userId: string, type: string): string {
    const id = randomUUID();
    this.transactions.set(id, { userId, type, wrongCodes: 0 });
    return id;
  }

  /** Id of the user who is at it. @throws RunnerError 10125 for an unknown, ended or used-up transaction. */
  userOf(id: string, type: string): string {
    const transaction = this.transactions.get(id);
    if (transaction === undefined || transaction.type !== type) throw invalidToken();
    return transaction.userId;
  }

  /** Ends the transaction if the code is the right one, or was the third wrong one. @throws RunnerError 10125 */
  finish(id: string, code: string, expected: string): void {
    const transaction = this.transactions.get(id);
    if (transaction === undefined) throw invalidToken();
    const isRight = timingSafeEqual(digest(code), digest(expected));
    const wrongCodes = transaction.wrongCodes + 1;
    if (isRight || wrongCodes >= MAX_WRONG_CODES) this.transactions.delete(id);
    else this.transactions.set(id, { ...transaction, wrongCodes });
    if (!isRight) throw wrongCredentials();
  }
}

const digest = (code: string) => createHash('sha256').update(code).digest();
