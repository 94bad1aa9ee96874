import { describe, expect, it } from '@jest/globals';
import { ModelRateStore } from '../../../../test/ratelimit/model-rate-store.js';
import type { Finding } from '../../../contracts/components.js';
import { Metrics } from '../../../observability/metrics.js';
import { addUserRateMetrics, storeReport } from './user-rate-report.js';
import { UserRates } from './user-rates.js';

describe('a store of rates that is away', () => {
  it('is told of in the log and in health until it is back', () => {
    const shown: Finding[][] = [];
    const logged: string[] = [];
    const board = { replace: (_reporter: string, findings: readonly Finding[]) => void shown.push([...findings]) };
    const report = storeReport(board, (level, message) => void logged.push(`${level}: ${message}`));
    const store = new ModelRateStore();
    report(store, 'refused');
    report(store, null);
    expect(shown).toMatchObject([[{ kind: 'service', severity: 'warning', code: 17003, id: 'the model' }], []]);
    expect(shown[0]![0]!.message).toContain('(refused)');
    expect(logged).toEqual([
      'warn: The store of user rates cannot be had: each replica limits by itself.',
      'info: The store of user rates can be had again.',
    ]);
  });
});

it('metrics tell what is known and what was asked', async () => {
  const rates = new UserRates({ mostBuckets: 10, expiryMs: 1000, report: () => undefined });
  const metrics = new Metrics('shop');
  addUserRateMetrics(metrics, rates);
  rates.counts.calls = 7;
  rates.counts.alone = 3;
  const text = await metrics.text();
  for (const line of [
    'store_calls_total{gateway="shop"} 7',
    'alone_total{gateway="shop"} 3',
    'buckets{gateway="shop"} 0',
  ]) {
    expect(text).toContain(line);
  }
});
