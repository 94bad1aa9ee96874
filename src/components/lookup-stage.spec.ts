import { describe, expect, it } from '@jest/globals';
import { LookupResolver } from '../lookups/lookup-resolver.js';
import { checkRecord, type CheckedRecord } from './check/check-record.js';
import { ComponentStore } from './component-store.js';
import { EphemeralLookups } from './ephemeral-lookups.js';
import { StandingFindings } from './finding-board.js';
import { LookupStage } from './lookup-stage.js';

const values = new Map<string, string>();
const resolver = new LookupResolver({
  values: [],
  secrets: [{ name: 'test', read: async (path) => values.get(path) ?? null }],
});
const system = (token: string): CheckedRecord =>
  checkRecord(
    'system',
    { id: 's', executor: 'rpc', parameters: { 'server.baseUrl': 'http://h', token } },
    { gatewayId: 'g' },
  )!.checked;

function stage() {
  const board = new StandingFindings();
  const store = new ComponentStore({ board, log: () => undefined });
  const lookups = new LookupStage(store, { resolver, gatewayId: 'g' });
  return {
    board,
    store,
    lookups,
    token: () => store.current()?.records.system.get('s')?.record?.parameters?.['token'],
  };
}

describe('a record with lookups', () => {
  it('is in force with what they give, and shown as it is stored', async () => {
    const { store, lookups, token } = stage();
    values.set('a.b', 'first');
    await lookups.apply({ replaced: new Map([['u', [system('#{{a.b}}')]]]) });
    expect(token()).toBe('first');
    expect(store.current()?.records.system.get('s')?.stored).toMatchObject({ parameters: { token: '#{{a.b}}' } });
  });
  it('has another value after the next full look, and only then', async () => {
    const { store, lookups, token } = stage();
    values.set('a.b', 'first');
    await lookups.apply({ replaced: new Map([['u', [system('#{{a.b}}')]]]) });
    values.set('a.b', 'second');
    await lookups.apply({});
    expect(token()).toBe('first');
    await lookups.apply({}, { full: true });
    expect(token()).toBe('second');
    const { revision } = store.current()!;
    await lookups.apply({}, { full: true });
    expect(store.current()?.revision).toBe(revision);
  });
  it('keeps its last good version where one gives nothing any more, and heals by itself', async () => {
    const { board, lookups, token } = stage();
    values.set('a.b', 'first');
    await lookups.apply({ replaced: new Map([['u', [system('#{{a.b}}')]]]) });
    values.delete('a.b');
    await lookups.apply({}, { full: true });
    expect([token(), board.standing().map(({ pointer }) => pointer)]).toEqual(['first', ['/parameters/token']]);
    values.set('a.b', 'third');
    await lookups.apply({}, { full: true });
    expect([token(), board.standing()]).toEqual(['third', []]);
  });
});

describe('ephemeral lookups', () => {
  it('have the source looked at when a connection was opened, once however many', async () => {
    const { lookups } = stage();
    let refreshes = 0;
    const refresh = async (): Promise<void> => void refreshes++;
    const ephemeral = new EphemeralLookups({ hasAny: () => lookups.holdsEphemeral, refresh });
    ephemeral.connected();
    values.set('a.b', 'x');
    await lookups.apply({ replaced: new Map([['u', [system('#{{a.b}}')]]]) });
    ephemeral.connected();
    expect(refreshes).toBe(0);
    await lookups.apply({ replaced: new Map([['u', [system('#!{{a.b}}')]]]) });
    for (let each = 0; each < 5; each++) ephemeral.connected();
    expect(refreshes).toBe(1);
    await lookups.apply({ removed: ['u'], replaced: new Map([['v', [system('plain')]]]) });
    expect(lookups.holdsEphemeral).toBe(false);
    ephemeral.stop();
  });
});
