import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anExchange, aCompiledChannel, someStages, unplanned } from '../../../test/support/an-exchange.js';
import type { PathRuleRecord } from '../../contracts/records.js';
import { RuleCompilers } from '../resolve/rule-compiler.js';
import { admit } from '../pipeline.js';
import { Guests } from './guests.js';
import { IdentifyStage } from './identify.stage.js';
import { NO_ISSUERS } from '../../../test/support/no-issuers.js';
import { TokenChecks } from './token-checks.js';
import { tokenKindOf, type TokenKind } from './token-kind.js';
import { VerifiedTokens } from './tokens/verified-tokens.js';
import type { Caller } from './caller.js';

const NOW = Date.UTC(2026, 0, 1);
const now = () => NOW;
const kindOf = (id: string, more: object = {}): TokenKind =>
  tokenKindOf(
    id,
    { signingSecret: id.repeat(64).slice(0, 64), claims: [{ name: 'roles', special: 'ROLES' }], ...more },
    { allowUnsigned: false },
  ).kind!;
const USER = kindOf('user');
const GUEST = kindOf('guest', { claims: [{ name: 'roles', special: 'ROLES', value: ['visitor'] }] });
const stage = new IdentifyStage({
  checks: new TokenChecks(new VerifiedTokens<Caller>(100, now), now, () => false, NO_ISSUERS),
  guests: new Guests(now, () => 'guest-1'),
  apiKeys: { known: unplanned, resolve: unplanned },
  renewal: { caller: unplanned },
  readBody: unplanned,
  originOf: unplanned,
  csrf: null,
});

const ROLES = ['admin', 'clerk', 'visitor'] as const;
const METHODS = ['GET', 'POST', 'PUT'] as const;
type Said = 'pass' | 'missing' | 'role' | 'disabled' | 'method';

/** The specification in ten lines (spec/components.md, "A path rule"). */
function model(rule: PathRuleRecord, method: string, caller: readonly string[] | null): Said {
  if (rule.isDisabled === true) return 'disabled';
  const methods = rule.methods ?? {};
  const own = methods[method] ?? methods['*'];
  const namesRoles = own?.roles !== undefined;
  const isPublic = own?.isPublic ?? (namesRoles ? false : rule.isPublic === true);
  if (isPublic) return 'pass';
  if (Object.keys(methods).length > 0 && own === undefined) return 'method';
  if (caller === null) return 'missing';
  const roles = own?.roles ?? [];
  return roles.length === 0 || roles.includes('*') || roles.some((role) => caller.includes(role)) ? 'pass' : 'role';
}

const SAID: Readonly<Record<string, Said>> = {
  TOKEN_MISSING: 'missing',
  ROLE_MISSING: 'role',
  PATH_DISABLED: 'disabled',
  METHOD_NOT_ALLOWED: 'method',
};
async function decided(rule: PathRuleRecord, method: string, token: string | null): Promise<Said> {
  const rules = new RuleCompilers({}, someStages({ identify: stage }))
    .paths({ authToken: 'user', paths: { '*': rule } })
    .find('/x');
  const exchange = anExchange({
    method,
    channel: aCompiledChannel('event', { userKind: USER }),
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });
  const verdict = await admit((rules.byMethod.get(method) ?? rules.otherwise).admission, exchange);
  return verdict === null ? 'pass' : verdict.kind === 'refusal' ? SAID[verdict.error]! : unplanned(verdict.status);
}

describe('path rules and callers', () => {
  const flag = fc.option(fc.boolean(), { nil: undefined });
  const roles = fc.subarray([...ROLES, '*']);
  const method = fc.record({ isPublic: fc.boolean(), roles }, { requiredKeys: [] });
  const rule = fc.record(
    { isPublic: flag, isDisabled: flag, methods: fc.dictionary(fc.constantFrom(...METHODS, '*'), method) },
    { requiredKeys: [] },
  );
  it('come to what the specification says, for every rule, method and set of roles', async () => {
    await fc.assert(
      fc.asyncProperty(
        rule,
        fc.constantFrom(...METHODS),
        fc.option(fc.subarray([...ROLES])),
        async (some, name, held) => {
          const token = held === null ? null : await USER.codec.issue({ roles: held }, { nowMs: NOW, lifeSeconds: 60 });
          expect(await decided(some as PathRuleRecord, name, token)).toBe(model(some as PathRuleRecord, name, held));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a caller', () => {
  const arrives = async (token: string | null, userKind: TokenKind | null, guestKind: TokenKind | null) => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const exchange = anExchange({ headers, channel: aCompiledChannel('event', { userKind, guestKind }) });
    const verdict = await stage.run(exchange);
    return { exchange, verdict: verdict?.kind === 'refusal' ? verdict.error : verdict };
  };
  const aToken = (kind: TokenKind) => kind.codec.issue({ roles: ['clerk'] }, { nowMs: NOW, lifeSeconds: 60 });

  it('is known by a token of users, and the second time without a check', async () => {
    const token = await aToken(USER);
    const first = await arrives(token, USER, null);
    const second = await arrives(token, USER, null);
    expect([first.exchange.caller?.isGuest, second.exchange.caller]).toEqual([false, first.exchange.caller]);
  });
  it('is a guest by a token of guests', async () => {
    const { exchange } = await arrives(await aToken(GUEST), USER, GUEST);
    expect([exchange.caller?.isGuest, exchange.caller?.kind]).toEqual([true, GUEST]);
  });
  it('becomes a guest without a token, and is told so', async () => {
    const { exchange } = await arrives(null, USER, GUEST);
    expect(exchange.caller).toMatchObject({ isGuest: true, applied: { roles: ['visitor'] } });
    expect(exchange.addedHeaders?.slice(0, 3)).toEqual(['Cache-Control', 'no-store', 'Rierino-Auth.gateway_token']);
  });
  it('is nobody by a token of another kind', async () => {
    expect((await arrives(await aToken(GUEST), USER, null)).verdict).toBe('TOKEN_INVALID');
    expect((await arrives(await aToken(USER), null, GUEST)).verdict).toBe('TOKEN_INVALID');
  });
});

describe('what is remembered of tokens', () => {
  const fresh = () => new TokenChecks(new VerifiedTokens<Caller>(100, now), now, () => false, NO_ISSUERS);
  it('is that of those which come again, good or bad', async () => {
    const checks = fresh();
    const token = await USER.codec.issue({ roles: ['clerk'] }, { nowMs: NOW, lifeSeconds: 60 });
    await checks.check(USER, token, false);
    expect(checks.known(USER, token, false)).toBeNull();
    const checked = await checks.check(USER, token, false);
    expect(checks.known(USER, token, false)).toBe(checked.caller);
  });
  it('is not what a guest was where the same token is a user’s', async () => {
    const checks = fresh();
    const token = await USER.codec.issue({}, { nowMs: NOW, lifeSeconds: 60 });
    for (let times = 0; times < 2; times++) await checks.check(USER, token, true);
    expect([checks.known(USER, token, false), checks.known(USER, token, true)?.isGuest]).toEqual([null, true]);
  });
  it('keeps a bad one bad for its kind alone', async () => {
    const checks = fresh();
    const token = await GUEST.codec.issue({}, { nowMs: NOW, lifeSeconds: 60 });
    for (let times = 0; times < 3; times++)
      expect(await checks.check(USER, token, false)).toMatchObject({ fault: 'signature' });
    expect(await checks.check(GUEST, token, true)).toMatchObject({ fault: null });
  });
});
