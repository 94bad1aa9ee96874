import { describe, expect, it } from '@jest/globals';
import { aCompiledChannel, anExchange, unplanned } from '../../../test/support/an-exchange.js';
import type { Cancellation, RunnerAnswer, RunnerCall } from '../../contracts/executor.js';
import type { TokenRecord } from '../../contracts/records.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Exchange } from '../exchange.js';
import { callerOf, type Caller } from '../identify/caller.js';
import { ProviderClient } from '../identify/provider/provider-client.js';
import { tokenKindOf, type TokenKind } from '../identify/token-kind.js';
import { CARRIED_CLAIM } from '../identify/tokens/carried-tokens.js';
import { VerifyStage } from './verify.stage.js';

const kindOf = (given: Partial<TokenRecord> = {}): TokenKind =>
  tokenKindOf(
    'user',
    {
      signingSecret: 's'.repeat(64),
      verifiable: true,
      claims: [
        { name: 'sub', source: 'user.id', special: 'ORIGIN_ID' },
        { name: 'type', special: 'ORIGIN_TYPE' },
      ],
      provider: { channel: 'auth', urls: { validate: '/validate/{type}' } },
      ...given,
    },
    { allowUnsigned: false },
  ).kind!;
const KIND = kindOf();
const carried = (kind: TokenKind, accessToken: string) =>
  kind.carrier!.claim({ accessToken, refreshToken: 'r', idToken: null });

const callerBy = (kind: TokenKind, given: Partial<Caller> = {}): Caller =>
  callerOf({
    ...{ kind, expiresAtMs: Infinity, isGuest: false },
    claims: { sub: 'ada', type: 'partner', [CARRIED_CLAIM]: carried(KIND, 'access-1') },
    ...given,
  });

type Execute = (call: RunnerCall, cancellation: Cancellation) => RunnerAnswer | Promise<RunnerAnswer>;
const status = (code: number): RunnerAnswer => ({
  ...{ kind: 'event', status: code },
  text: '{"payload":{"user":{"id":"ada"}}}',
});
const says = (text: string): RunnerAnswer => ({ kind: 'event', status: 200, text });

function stageOf(execute: Execute): VerifyStage {
  const callee = { takes: 'event' as const, execute: async (...given: Parameters<Execute>) => execute(...given) };
  const channels = new Map([['auth', aCompiledChannel('event', { id: 'auth', callee })]]);
  const routes = { current: { revision: 1, channels, aliases: null! } };
  const providers = new ProviderClient(routes, { maxAnswerBytes: 1000, now: Date.now });
  return new VerifyStage({ providers, originOf: (exchange) => JSON.stringify({ ip: exchange.head.peer }) });
}

async function judged(execute: Execute, caller: Caller | null, exchange: Exchange = anExchange()) {
  exchange.caller = caller;
  const verdict = await stageOf(execute).run(exchange);
  if (verdict?.kind === 'answer') return unplanned(verdict.status);
  return { verdict, error: verdict?.error ?? null, cause: exchange.cause };
}

describe('a path with verifyAccessToken', () => {
  it('asks the authentication server with the access token that the token carries', async () => {
    let seen: RunnerCall | null = null;
    const good: Execute = (call) => {
      seen = call;
      return status(200);
    };
    const { verdict } = await judged(good, callerBy(KIND), anExchange({ requestId: 'r-7' }));
    expect(verdict).toBeNull();
    expect(seen!.path).toBe('/validate/partner');
    expect(JSON.parse(seen!.event())).toMatchObject({
      requestMeta: { id: 'r-7', origin: { ip: '192.0.2.1' }, auth: { access_token: 'access-1' } },
    });
  });
  it('asks each time: what was good a moment ago may be no more', async () => {
    const answers = [status(200), status(401)];
    const stage = stageOf(() => answers.shift()!);
    const exchange = anExchange();
    exchange.caller = callerBy(KIND);
    expect([await stage.run(exchange), await stage.run(exchange)]).toMatchObject([null, { error: 'TOKEN_INVALID' }]);
  });
  it.each([
    ['nothing', '{"payload":{}}'],
    ['that it is not active', '{"active":false}'],
    ['an error with a good status', '{"error":{"code":10125}}'],
    ['another user', '{"payload":{"user":{"id":"mallory"}}}'],
    ['a user without an id', '{"payload":{"user":{"roles":["admin"]}}}'],
  ])('refuses the token where a good answer says %s', async (_, text) => {
    expect((await judged(() => says(text), callerBy(KIND))).error).toBe('TOKEN_INVALID');
  });
  it.each([401, 403])('refuses the token where the server says %d', async (code) => {
    const { verdict, cause } = await judged(() => status(code), callerBy(KIND));
    expect(verdict).toMatchObject({
      error: 'TOKEN_INVALID',
      headers: ['WWW-Authenticate', 'Bearer error="invalid_token"'],
    });
    expect(cause).toBe(`the access token is refused: ${code}`);
  });
  it('refuses a token that carries none', async () => {
    const { error, cause } = await judged(unplanned, callerBy(KIND, { claims: {} }));
    expect([error, cause]).toEqual(['TOKEN_INVALID', 'the token carries no access token to verify']);
  });
  it('refuses a token whose kind carries none, whatever it says, and one that cannot be opened', async () => {
    const plain = kindOf({ verifiable: false });
    expect((await judged(unplanned, callerBy(plain))).error).toBe('TOKEN_INVALID');
    const other = kindOf({ signingSecret: 't'.repeat(64) });
    expect((await judged(unplanned, callerBy(other))).error).toBe('TOKEN_INVALID');
  });
  it('needs a user: nobody and guests are told to log in', async () => {
    const missing = { error: 'TOKEN_MISSING', headers: ['WWW-Authenticate', 'Bearer'] };
    expect((await judged(unplanned, null)).verdict).toMatchObject(missing);
    expect((await judged(unplanned, callerBy(KIND, { isGuest: true }))).verdict).toMatchObject(missing);
  });
  it('lets in who came by an API key, which that server has resolved', async () => {
    const keyed = callerBy(kindOf({ verifiable: false }), { byApiKey: true, claims: {} });
    expect((await judged(unplanned, keyed)).verdict).toBeNull();
  });
});

describe('an authentication server that cannot be asked', () => {
  const UNAVAILABLE = { error: 'VERIFYING_UNAVAILABLE', retryAfterSeconds: 1 };

  it.each<[string, Execute, string]>([
    ['is away', () => Promise.reject(new GatewayError('BACKEND_UNREACHABLE')), 'BACKEND_UNREACHABLE'],
    ['is late', () => Promise.reject(new GatewayError('BACKEND_TIMEOUT')), 'BACKEND_TIMEOUT'],
    ['fails', () => status(500), 'BACKEND_FAILED'],
    ['answers 400', () => status(400), 'BACKEND_FAILED'],
    ['answers garbage', () => ({ kind: 'event', status: 200, text: '<html>' }), 'ANSWER_UNREADABLE'],
  ])('lets nobody in when it %s', async (_what, execute, error) => {
    const { verdict, cause } = await judged(execute, callerBy(KIND));
    expect(verdict).toMatchObject(UNAVAILABLE);
    expect(cause).toMatchObject({ error });
  });
  it.each<[string, TokenKind, RegExp]>([
    ['there is none', kindOf({ provider: { channel: '' } }), /no provider/],
    ['it has no URL', kindOf({ provider: { channel: 'auth', urls: {} } }), /no URL validate/],
    ['its channel is unknown', kindOf({ provider: { channel: 'x', urls: { validate: '/v' } } }), /channel is out/],
  ])('lets nobody in when %s', async (_what, kind, why) => {
    const { verdict, cause } = await judged(unplanned, callerBy(kind));
    expect(verdict).toMatchObject(UNAVAILABLE);
    expect(cause).toMatch(why);
  });
  it('is left alone when the client goes', async () => {
    const exchange = anExchange();
    let isTold = false;
    const pending = judged(
      (_call, cancellation) => {
        cancellation.onCancel({ cancel: () => void (isTold = true) });
        exchange.cancel();
        return new Promise(() => undefined);
      },
      callerBy(KIND),
      exchange,
    );
    expect((await pending).verdict).toMatchObject(UNAVAILABLE);
    expect(isTold).toBe(true);
  });
});
