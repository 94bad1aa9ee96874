import { LedgerUnavailable } from '../../contracts/token-ledger.js';
import { BoundedStore, type QueriedDatabase } from '../../storage/bounded-store.js';

/** The database of logins and revoked tokens, with bounded waits. Its statements throw LedgerUnavailable. */
export class LedgerStore extends BoundedStore {
  constructor(database: QueriedDatabase, changed: () => void, answerMs?: number) {
    super({
      ...{ database, changed, name: 'the store of tokens' },
      unavailable: (message, cause) => new LedgerUnavailable(message, { cause }),
      ...(answerMs !== undefined && { answerMs }),
    });
  }
}
