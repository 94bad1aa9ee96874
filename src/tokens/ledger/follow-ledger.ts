import type { FindingBoard } from '../../contracts/components.js';
import type { Metrics } from '../../observability/metrics.js';
import type { StoredTokenLedger } from './stored-token-ledger.js';

const BAD_TOKEN = 17003;

/** What operators see of it: metrics (docs/metrics.md), and a warning in health while the store is away. */
export function followLedger(ledger: StoredTokenLedger, metrics: Metrics, board: FindingBoard): void {
  ledger.onProblem((problem) =>
    board.replace(
      'token-ledger',
      problem === null
        ? []
        : [
            {
              ...{ kind: 'token', id: 'ledger', severity: 'warning', pointer: '', code: BAD_TOKEN },
              message: `The database that keeps logins and revoked tokens cannot be had (${problem}): nobody can log in or refresh; what is known to be revoked stays refused, all else is served.`,
            },
          ],
    ),
  );
  metrics.addGauge(
    'sluice_tokens_revoked',
    'Tokens that are refused, in memory.',
    () => ledger.digests.size,
    // Every worker knows the same ones.
    'max',
  );
  metrics.addCounter(
    'sluice_token_families_reused_total',
    'Logins that ended because a refresh token came again.',
    () => ledger.families.reused,
  );
  metrics.addGauge(
    'sluice_token_ledger_up',
    '1 while the store of tokens can be had.',
    () => (ledger.store.problem === null ? 1 : 0),
    'min',
  );
}
