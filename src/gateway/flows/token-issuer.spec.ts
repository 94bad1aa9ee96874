import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { LedgerUnavailable, type FamilyFacts, type TokenLedger } from '../../contracts/token-ledger.js';
import type { TokenRecord } from '../../contracts/records.js';
import type { ProviderTokens } from '../identify/provider/provider-answer.js';
import { tokenKindOf } from '../identify/token-kind.js';
import { isOwnRefreshToken, TokenIssuer, type IssueOrder } from './token-issuer.js';

const NOW_MS = 1_700_000_000_000;
const DAY_S = 86_400;
const kindOf = (record: TokenRecord = {}) =>
  tokenKindOf('user', { signingSecret: 's'.repeat(64), expiration: 600, ...record }, { allowUnsigned: false }).kind!;
const given = (more: Partial<ProviderTokens> = {}): ProviderTokens => ({
  ...{ accessToken: 'access', refreshToken: 'provider-refresh', idToken: null },
  ...{ expiresInSeconds: 60, refreshExpiresInSeconds: null, ...more },
});
const order = (more: Partial<IssueOrder> = {}): IssueOrder => ({
  ...{ kind: kindOf(), claims: { sub: 'ada' }, tokens: null, remembers: false, loginAtMs: NOW_MS, ...more },
});

function issuing(problem: Error | null = null) {
  const begun: [string, FamilyFacts][] = [];
  const begin = async (token: string, facts: FamilyFacts) => {
    if (problem !== null) throw problem;
    begun.push([token, facts]);
  };
  const issuer = new TokenIssuer({ begin } as Partial<TokenLedger> as TokenLedger, () => NOW_MS);
  return { issuer, begun };
}
const { issuer } = issuing();
const claimsOf = (token: string): unknown => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());

describe('the refresh token', () => {
  it('is the provider’s own, for as long as it says', async () => {
    const { tokens } = await issuer.make(order({ tokens: given({ refreshExpiresInSeconds: 77 }), remembers: true }));
    expect(tokens).toMatchObject({ refreshToken: 'provider-refresh', refreshSeconds: 77 });
  });
  it('is ours where it gives none', async () => {
    for (const tokens of [null, given({ refreshToken: null })]) {
      const { refreshToken } = (await issuer.make(order({ tokens }))).tokens;
      expect([isOwnRefreshToken(refreshToken!), refreshToken!.length]).toEqual([true, 50]);
    }
  });
  it.each<[string, Partial<IssueOrder>, number]>([
    ['ours', {}, DAY_S],
    ['ours, remembered', { remembers: true }, 9e6],
    ['the provider’s', { tokens: given() }, DAY_S],
    ['the provider’s, remembered', { tokens: given(), remembers: true }, 9e6],
  ])('lasts for 24 h, with remember=true for longExpiration: %s', async (_what, more, seconds) => {
    const kind = kindOf({ longExpiration: 9e6 });
    expect((await issuer.make(order({ ...more, kind }))).tokens.refreshSeconds).toBe(seconds);
  });
  it('of ours counts from the login, and none outlasts longExpiration', async () => {
    const ago = (seconds: number) => ({ loginAtMs: NOW_MS - seconds * 1000, kind: kindOf({ longExpiration: 1000 }) });
    expect((await issuer.make(order(ago(400)))).tokens.refreshSeconds).toBe(600);
    expect(await issuer.make(order(ago(1000)))).toMatchObject({ facts: null, tokens: { refreshToken: null } });
  });
});

describe('a gateway token', () => {
  it('says when its login was, and the digest of the refresh token by which a logout ends it', async () => {
    const { tokens, caller } = await issuer.make(order({ tokens: given(), loginAtMs: NOW_MS - 5000 }));
    const login = createHash('sha256').update('provider-refresh').digest('base64url');
    const expected = { sub: 'ada', auth_time: NOW_MS / 1000 - 5, login, exp: NOW_MS / 1000 + 600 };
    expect(claimsOf(tokens.token)).toMatchObject(expected);
    expect(caller).toMatchObject({ isGuest: false, expiresAtMs: NOW_MS + 600_000 });
    expect(tokens.token).not.toContain('provider-refresh');
  });
  it('carries the provider’s tokens only with verifiable', async () => {
    const carried = async (verifiable: boolean) =>
      claimsOf((await issuer.make(order({ kind: kindOf({ verifiable }), tokens: given() }))).tokens.token);
    expect(await carried(false)).not.toHaveProperty('provider_tokens');
    expect(await carried(true)).toHaveProperty('provider_tokens');
  });
});

describe('a login', () => {
  it('is entered with what new tokens are issued from', async () => {
    const { issuer: entering, begun } = issuing();
    const issued = await entering.make(order({ tokens: given(), remembers: true }));
    expect(await entering.begin(issued)).toBe(issued.tokens);
    expect(begun).toEqual([['provider-refresh', expect.objectContaining({ tokenKind: 'user', begunAtMs: NOW_MS })]]);
    expect(JSON.parse(begun[0]![1].content)).toEqual({ isOwn: false, claims: { sub: 'ada' }, remembers: true });
  });
  it('succeeds while the store is away, without a refresh token that nobody would know', async () => {
    const { issuer: away } = issuing(new LedgerUnavailable());
    const own = await away.begin(await away.make(order()));
    expect(own).toEqual({ token: expect.any(String), lifeSeconds: 600, refreshToken: null, refreshSeconds: null });
    const theirs = await away.begin(await away.make(order({ tokens: given() })));
    expect(theirs.refreshToken).toBe('provider-refresh');
  });
  it('fails for a fault of ours', async () => {
    const { issuer: broken } = issuing(new TypeError('x'));
    await expect(broken.begin(await broken.make(order()))).rejects.toThrow(TypeError);
  });
});
