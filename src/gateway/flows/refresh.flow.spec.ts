import { describe, expect, it } from '@jest/globals';
import { LedgerUnavailable, type RefreshUse, type TokenLedger } from '../../contracts/token-ledger.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { aCompiledChannel, anExchange, unplanned } from '../../../test/support/an-exchange.js';
import type { ProviderClient, ProviderOutcome } from '../identify/provider/provider-client.js';
import { tokenKindOf } from '../identify/token-kind.js';
import { FlowRun } from './flow-run.js';
import { ProviderStep } from './provider-step.js';
import { RefreshFlow } from './refresh.flow.js';
import type { SagaStep } from './saga-step.js';
import { TokenIssuer } from './token-issuer.js';

const NOW_MS = 1_700_000_000_000;
const provider = { channel: 'auth', urls: { refresh: '/refresh' } };
const claims = [{ name: 'sub', source: 'user.id', special: 'ORIGIN_ID' as const }];
const KIND = tokenKindOf('user', { signingSecret: 's'.repeat(64), provider, claims }, { allowUnsigned: false }).kind!;

const TOKENS = { idToken: null, expiresInSeconds: 60, refreshExpiresInSeconds: 600 };
const answered = (refreshToken: string | null = 'next'): ProviderOutcome => ({
  kind: 'answered',
  answer: {
    ...{ payload: {}, payloadText: '{}', requestMeta: {}, user: { id: 'ada' }, access: null },
    tokens: { ...TOKENS, accessToken: 'access', refreshToken },
  },
});
const current = (tokenKind = 'user', isOwn = false): RefreshUse => {
  const content = JSON.stringify({ isOwn, claims: { sub: 'ada' }, remembers: false });
  const facts = { tokenKind, begunAtMs: NOW_MS - 1000, endsAtMs: NOW_MS + 1000, content };
  return { kind: 'current', family: 'f1', facts };
};

interface Told {
  readonly use?: RefreshUse | Error;
  readonly rotated?: Error;
  readonly says?: ProviderOutcome;
}

/** A ledger that notes what it is told, and a provider that answers as the test says. */
function refreshing({ use = current(), rotated, says }: Told = {}) {
  const notes: unknown[] = [];
  const ledger: Partial<TokenLedger> = {
    use: () => (use instanceof Error ? Promise.reject(use) : Promise.resolve(use)),
    rotated: async (...given) => {
      notes.push(['rotated', ...given]);
      if (rotated !== undefined) throw rotated;
    },
    released: async (...given) => void notes.push(['released', ...given]),
    begin: async (token) => void notes.push(['begin', token]),
  };
  const call: ProviderClient['call'] = async () => says ?? unplanned('the provider was asked');
  const issuer = new TokenIssuer(ledger as TokenLedger, () => NOW_MS);
  const saga = { run: async () => null } as Partial<SagaStep> as SagaStep;
  const parts = { provider: new ProviderStep({ call }, () => '{}'), saga, issuer, now: () => NOW_MS };
  const flow = new RefreshFlow({ ...parts, ledger: ledger as TokenLedger });
  const credentials = { values: new Map(), malformed: false };
  const exchange = anExchange();
  const run = new FlowRun({
    exchange,
    action: 'refresh',
    type: null,
    channel: aCompiledChannel(),
    kind: KIND,
    credentials,
  });
  return { notes, exchange, refresh: (token = 'old') => flow.byRefreshToken(run, token) };
}
const INVALID = { kind: 'refusal', error: 'TOKEN_INVALID' };

describe('a refresh token that counts', () => {
  it('is exchanged, and what the client gets is kept for who comes with it again', async () => {
    const { refresh, notes } = refreshing({ says: answered() });
    const refreshed = await refresh();
    expect(refreshed).toMatchObject({ kind: 'refreshed', tokens: { refreshToken: 'next', refreshSeconds: 600 } });
    expect(notes).toEqual([['rotated', 'f1', 'old', 'next', { body: JSON.stringify(refreshed) }]]);
  });
  it('goes on where the provider never rotates', async () => {
    const { refresh, notes } = refreshing({ says: answered(null) });
    expect(await refresh()).toMatchObject({ tokens: { refreshToken: 'old' } });
    expect(notes).toEqual([['rotated', 'f1', 'old', 'old', expect.anything()]]);
  });
  it('of ours is exchanged without a word to the provider', async () => {
    const { refresh, notes } = refreshing({ use: current('user', true) });
    expect(await refresh('sluice-old')).toMatchObject({ tokens: { refreshToken: expect.stringMatching(/^sluice-/) } });
    expect(notes).toHaveLength(1);
  });
  it.each<[string, Told, object]>([
    ['the provider refuses it', { says: { kind: 'refused', code: 10125, message: null } }, INVALID],
    ['it is of another kind of token', { use: current('other') }, INVALID],
  ])('is set free where %s', async (_what, told, refused) => {
    const { refresh, notes } = refreshing(told);
    expect(await refresh()).toMatchObject(refused);
    expect(notes).toEqual([['released', 'f1', 'old']]);
  });
  it('is set free where the provider fails', async () => {
    const error = new GatewayError('BACKEND_TIMEOUT');
    const { refresh, notes } = refreshing({ says: { kind: 'failed', error } });
    await expect(refresh()).rejects.toBe(error);
    expect(notes).toEqual([['released', 'f1', 'old']]);
  });
  it('has no answer go out where the store does not take the exchange', async () => {
    const { refresh } = refreshing({ says: answered(), rotated: new LedgerUnavailable('lost') });
    await expect(refresh()).rejects.toMatchObject({ error: 'TOKENS_UNAVAILABLE', retryAfterSeconds: 1 });
  });
});

describe('a refresh token that does not count', () => {
  it('any more gives the same answer again for a while', async () => {
    const first = await refreshing({ says: answered() }).refresh();
    const { refresh, notes } = refreshing({ use: { kind: 'repeated', answer: { body: JSON.stringify(first) } } });
    expect(await refresh()).toEqual(first);
    expect(notes).toEqual([]);
  });
  it('any more is refused after that, and the log says why', async () => {
    const { refresh, exchange } = refreshing({ use: { kind: 'reused' } });
    expect(await refresh()).toMatchObject(INVALID);
    expect(exchange.cause).toMatch(/exchanged before/);
  });
  it('here is the provider’s to judge, unless it is of our making', async () => {
    const { refresh, notes } = refreshing({ use: { kind: 'unknown' }, says: answered() });
    expect(await refresh('sluice-made-up')).toMatchObject(INVALID);
    expect(notes).toEqual([]);
    expect(await refresh('theirs')).toMatchObject({ kind: 'refreshed' });
    expect(notes).toEqual([['begin', 'next']]);
  });
});

it('a store that is away is 503, and asks for another try', async () => {
  const { refresh } = refreshing({ use: new LedgerUnavailable('away') });
  await expect(refresh()).rejects.toMatchObject({ error: 'TOKENS_UNAVAILABLE', retryAfterSeconds: 1 });
});
