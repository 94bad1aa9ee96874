import { describe, expect, it } from '@jest/globals';
import { SessionStore } from './session-store.js';

type Query = () => Promise<unknown>;
const never: Query = () => new Promise(() => undefined);
const coded = (code: string): Error => Object.assign(new Error(code), { code });

function storeOf(query: Query, open: () => Promise<unknown> = async () => undefined) {
  const problems: (string | null)[] = [];
  const state = { query };
  const store: SessionStore = new SessionStore({
    database: { open: async () => (await open(), { query: () => state.query() }) },
    changed: () => problems.push(store.problem),
    answerMs: 20,
  });
  return { store, problems, state };
}

describe('the store of sessions', () => {
  it('gives rows, and says once that it is away and once that it is back', async () => {
    const { store, problems, state } = storeOf(() => Promise.reject(new Error('gone')));
    for (let times = 0; times < 2; times++)
      await expect(store.rows('')).rejects.toMatchObject({
        code: 503,
        message: 'the store of sessions cannot be had now',
      });
    state.query = async () => [1];
    expect(await store.rows('')).toEqual([1]);
    expect(problems).toEqual(['gone', null]);
  });
  it('waits only so long', async () => {
    const { store, problems } = storeOf(never);
    await expect(store.rows('')).rejects.toMatchObject({ code: 503 });
    expect(problems).toEqual(['it did not answer within 20 ms']);
  });
  it('knows whether it was ever opened', async () => {
    const { store } = storeOf(
      async () => [],
      () => Promise.reject(new Error('no')),
    );
    await expect(store.rows('')).rejects.toMatchObject({ code: 503 });
    expect(store.hasOpened).toBe(false);
  });
  it('tells who comes while too many wait at once', async () => {
    const { store } = storeOf(never);
    const waiting = Array.from({ length: 5000 }, () => store.rows('').catch(() => 'late'));
    await expect(store.rows('')).rejects.toMatchObject({ message: 'too many wait for the store of sessions' });
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['late']));
  });
  it('tries again what the database ended for a deadlock, and no more than twice', async () => {
    let tries = 0;
    const { store, state } = storeOf(async () => (++tries < 3 ? Promise.reject(coded('40P01')) : [tries]));
    expect(await store.rows('')).toEqual([3]);
    state.query = async () => (tries++, Promise.reject(coded('40P01')));
    await expect(store.rows('')).rejects.toMatchObject({ code: 503 });
    expect(tries).toBe(6);
  });
  it('is not away for a mistake of ours', async () => {
    const { store, problems } = storeOf(() => Promise.reject(coded('22P02')));
    await expect(store.rows('')).rejects.toMatchObject({ code: '22P02' });
    expect(problems).toEqual([]);
  });
});
