import { describe, expect, it } from '@jest/globals';
import { LedgerUnavailable } from '../../contracts/token-ledger.js';
import { LedgerStore } from './ledger-store.js';

function aStore(query: (sql: string) => Promise<unknown>) {
  const problems: (string | null)[] = [];
  const store: LedgerStore = new LedgerStore({ open: async () => ({ query }) }, () => problems.push(store.problem), 20);
  return { store, problems };
}

describe('the store of tokens', () => {
  it('gives rows, and tells when it is away and back', async () => {
    let isAway = true;
    const { store, problems } = aStore(async () => {
      if (isAway) throw new Error('refused');
      return [{ one: 1 }];
    });
    await expect(store.rows('SELECT 1')).rejects.toThrow(LedgerUnavailable);
    await expect(store.rows('SELECT 1')).rejects.toThrow(LedgerUnavailable);
    isAway = false;
    expect(await store.rows('SELECT 1')).toEqual([{ one: 1 }]);
    expect(problems).toEqual(['refused', null]);
  });
  it('is waited for only so long', async () => {
    const { store, problems } = aStore(() => new Promise(() => undefined));
    await expect(store.rows('SELECT 1')).rejects.toThrow(LedgerUnavailable);
    expect(problems).toEqual(['it did not answer within 20 ms']);
  });
  it('that refuses a bad value is not away', async () => {
    const { store, problems } = aStore(async () => {
      throw Object.assign(new Error('invalid input'), { code: '22P02' });
    });
    await expect(store.rows('SELECT 1')).rejects.toThrow('invalid input');
    expect(problems).toEqual([]);
  });
  it('turns away at once who comes when 5,000 wait', async () => {
    const { store } = aStore(() => new Promise(() => undefined));
    const waiting = Array.from({ length: 5000 }, () => store.rows('SELECT 1').catch(() => undefined));
    await expect(store.rows('SELECT 1')).rejects.toThrow('too many wait');
    await Promise.all(waiting);
  });
});
