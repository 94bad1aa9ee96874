import { describe, expect, it } from '@jest/globals';
import { aComponent } from '../../test/support/some-components.js';
import type { ComponentSet } from '../contracts/components.js';
import { type CheckedRecord, checkRecord } from './check/check-record.js';
import { ComponentStore } from './component-store.js';
import type { LastKnownGood, UnusableGood } from './known-good.js';
import { StandingFindings } from './finding-board.js';

const aSystem = (id: string, fields: object = {}, file?: string): CheckedRecord =>
  checkRecord('system', { id, executor: 'rpc', ...fields }, { gatewayId: 'g', ...(file !== undefined && { file }) })!
    .checked;
const faulty = (id: string): CheckedRecord => aSystem(id, { executor: null });
const replaced = (units: Record<string, CheckedRecord[]>) => ({ replaced: new Map(Object.entries(units)) });

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((done) => setImmediate(done));
}

function aStore(good: LastKnownGood | UnusableGood | null = null) {
  const board = new StandingFindings();
  const store = new ComponentStore({ board, log: () => {}, lastKnownGood: async () => good });
  const system = (id: string) => store.current()?.records.system.get(id);
  const faults = () => board.standing().map(({ id, message }) => `${id}: ${message}`);
  return { store, system, faults };
}

describe('the store of components', () => {
  it('has nothing until the first load is complete', async () => {
    const { store, faults } = aStore();
    await store.failLoad(['channel'], 'The folder is not there.');
    expect([store.current(), faults()]).toEqual([null, ['*: The folder is not there.']]);
    await store.apply({});
    expect([store.current()?.revision, faults()]).toEqual([1, []]);
  });
  it('keeps the same object while nothing of a record changed', async () => {
    const { store, system } = aStore();
    await store.apply(replaced({ one: [aSystem('a'), aSystem('b')] }));
    const [a, b, channels] = [system('a'), system('b'), store.current()?.records.channel];
    await store.apply(replaced({ one: [aSystem('a'), aSystem('b', { name: 'B' })] }));
    expect([system('a') === a, system('b') === b, store.current()?.records.channel === channels]).toEqual([
      true,
      false,
      true,
    ]);
    expect(store.current()?.revision).toBe(2);
  });
  it('has a new revision only where something changed', async () => {
    const { store } = aStore();
    await store.apply(replaced({ one: [aSystem('a')] }));
    const set = store.current();
    await store.apply(replaced({ one: [aSystem('a')] }));
    expect(store.current()).toBe(set);
  });
  it('keeps the last good version of a record that is at fault now, until it heals or goes', async () => {
    const { store, system, faults } = aStore();
    await store.apply(replaced({ one: [aSystem('a'), aSystem('b')] }));
    const good = system('a');
    await store.apply(replaced({ one: [faulty('a'), aSystem('b')] }));
    expect(system('a')).toBe(good);
    expect(faults()).toHaveLength(1);
    await store.apply(replaced({ one: [aSystem('a', { name: 'new' }), aSystem('b')] }));
    expect([system('a')?.record, faults()]).toEqual([{ executor: 'rpc', name: 'new' }, []]);
    await store.apply(replaced({ one: [aSystem('b')] }));
    expect(system('a')).toBeUndefined();
  });
  it('shows a record that never was good, without content', async () => {
    const { store, system } = aStore();
    await store.apply(replaced({ one: [faulty('a')] }));
    expect(system('a')).toMatchObject({ id: 'a', record: null, active: true });
  });
  it('lets neither of two records with one id count, and names both files', async () => {
    const { store, system, faults } = aStore();
    await store.apply(replaced({ one: [aSystem('a', {}, 'one')] }));
    const good = system('a');
    await store.apply(replaced({ two: [aSystem('a', { name: 'other' }, 'two')] }));
    expect(system('a')).toBe(good);
    expect(faults()).toEqual(Array(2).fill('a: The system a stands in one and two; none of them counts. Keep one.'));
    await store.apply({ removed: ['one'] });
    expect([system('a')?.record, faults()]).toEqual([{ executor: 'rpc', name: 'other' }, []]);
  });
  it('keeps what a file held that cannot be read any more, and reports each of its records', async () => {
    const { store, system, faults } = aStore();
    await store.apply(replaced({ one: [aSystem('a'), aSystem('b')] }));
    const good = system('a');
    await store.apply({ failed: new Map([['one', { kind: 'system', message: 'is not valid JSON' }]]) });
    expect(system('a')).toBe(good);
    expect(faults()).toHaveLength(2);
    await store.apply(replaced({ two: [aSystem('a', { name: 'moved' })] }));
    expect(system('a')?.record).toEqual({ executor: 'rpc', name: 'moved' });
  });
  it('names a file that could never be read', async () => {
    const { store, faults } = aStore();
    await store.apply({ failed: new Map([['one', { kind: 'system', message: 'is empty' }]]) });
    expect([store.current()?.revision, faults()]).toEqual([1, [': one is empty. Correct the file.']]);
  });
  it('takes no load over that would leave nothing', async () => {
    const { store, system, faults } = aStore();
    await store.apply(replaced({ one: [aSystem('a')] }));
    expect(await store.apply({ removed: ['one'] })).toBe(false);
    expect([system('a')?.id, faults()]).toEqual([
      'a',
      [expect.stringMatching(/holds no record any more.* It concerns system, channel, service, token\.$/)],
    ]);
    expect(await store.apply({ removed: ['one'], ...replaced({ two: [aSystem('b')] }) })).toBe(true);
    expect([system('a'), system('b')?.id, faults()]).toEqual([undefined, 'b', []]);
  });
});

describe('what a process before left', () => {
  const inFile = (id: string, file: string) => aComponent('system', id, { executor: 'rpc', name: 'good' }, { file });
  const good = { savedAt: '2026-01-02T03:04:05.678Z', components: [inFile('a', 'one'), inFile('b', 'two')] };
  const broken = { failed: new Map([['one', { kind: 'system' as const, message: 'is empty', file: 'one' }]]) };

  it('serves while the source is away, and goes where the source does not hold it any more', async () => {
    const { store, system, faults } = aStore(good);
    await store.failLoad(['system'], 'Away.');
    expect([system('a')?.record?.name, faults()]).toEqual([
      'good',
      [`*: Away. The last known good of ${good.savedAt} serves.`],
    ]);
    await store.apply(replaced({ two: [aSystem('b')] }));
    expect([system('a'), system('b')?.record?.name, faults()]).toEqual([undefined, undefined, []]);
  });
  it('is told where it cannot be used', async () => {
    const { store, faults } = aStore({ unusable: 'It is truncated.' });
    await store.failLoad(['system'], 'Away.');
    expect([store.current(), faults()]).toEqual([
      null,
      ['*: Away. The last known good cannot be used: It is truncated.'],
    ]);
  });
  it.each([[true], [false]])(
    'stays of a file that is broken now, until that is mended (source away before: %s)',
    async (wasAway) => {
      const { store, system, faults } = aStore(good);
      if (wasAway) await store.failLoad(['system'], 'Away.');
      expect(await store.apply(broken)).toBe(true);
      expect([system('a')?.record?.name, system('b')]).toEqual(['good', undefined]);
      expect(faults()).toEqual([expect.stringMatching(/^a: The file that holds the record is empty/)]);
      await store.apply(replaced({ one: [aSystem('c')] }));
      expect([system('a'), system('c')?.id, faults()]).toEqual([undefined, 'c', []]);
    },
  );
});

describe('a subscriber', () => {
  it('gets the set that is there, then each new one, and holds up the next until it has done', async () => {
    const { store } = aStore();
    await store.apply(replaced({ one: [aSystem('a')] }));
    const seen: string[] = [];
    const finish: (() => void)[] = [];
    const end = store.subscribe(async ({ revision }) => {
      seen.push(`begins ${revision}`);
      await new Promise<void>((done) => finish.push(done));
      seen.push(`ends ${revision}`);
    });
    const second = store.apply(replaced({ one: [aSystem('b')] }));
    await turns();
    expect(seen).toEqual(['begins 1']);
    finish[0]!();
    await turns();
    expect(seen).toEqual(['begins 1', 'ends 1', 'begins 2']);
    finish[1]!();
    await second;
    expect(seen.at(-1)).toBe('ends 2');
    end();
    await store.apply(replaced({ one: [aSystem('c')] }));
    expect(seen.at(-1)).toBe('ends 2');
  });
  it('that fails holds up nobody', async () => {
    const { store } = aStore();
    const seen: ComponentSet[] = [];
    store.subscribe(() => Promise.reject(new Error('no')));
    store.subscribe(async (set) => void seen.push(set));
    await store.apply({});
    expect(seen).toHaveLength(1);
  });
});
