import { describe, expect, it } from '@jest/globals';
import { ISSUER, LIMITS, OidcScript, requestOf, rulesOf } from '../../../../test/support/oidc-script.js';
import type { Cancellable } from '../../../contracts/executor.js';
import { IssuerAway } from '../issuers/issuer.js';
import { PAUSE_MS } from '../issuers/kept-answer.js';
import { refused } from '../tokens/checked-token.js';
import { IssuerSession } from './issuer-session.js';
import { OidcCall } from './oidc-call.js';
import { OidcTokens } from './oidc-tokens.js';

const TOKEN = `POST ${ISSUER}/token`;
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const ID_CLAIMS = { iss: ISSUER, aud: 'gateway', sub: 'ada', iat: now, exp: now + 600 };
const ID_TOKEN = `${part({ alg: 'RS256' })}.${part(ID_CLAIMS)}.c2ln`;
const GOOD = { kind: 'good', claims: ID_CLAIMS, expiresAtMs: Infinity, issuedAtMs: null } as const;
const GIVEN = { access_token: 'opaque', token_type: 'Bearer', id_token: ID_TOKEN };

describe('an id token', () => {
  /** Exchanges a refresh token, with pauses that pass at once. */
  async function told(script: OidcScript): Promise<{ outcome: unknown; pauses: number[] }> {
    const pauses: number[] = [];
    const tokens = new OidcTokens(
      script,
      () => script.clock.now,
      async (ms) => void pauses.push(ms),
    );
    const rules = rulesOf();
    const call = new OidcCall(script, rules, { ...LIMITS, maxBytes: 1000 });
    const session = new IssuerSession({ ...script.document, issuer: ISSUER }, rules, call);
    const given = await session.byRefreshToken('r');
    const outcome = await tokens.told(rules, given, session).catch((error: unknown) => error);
    call.end();
    return { outcome, pauses };
  }

  it('by a key that is newer than the last look waits for the next, once', async () => {
    const script = new OidcScript().then(TOKEN, 200, GIVEN);
    script.checks = [refused('key'), GOOD];
    expect(await told(script)).toMatchObject({ outcome: { kind: 'answered' }, pauses: [PAUSE_MS] });
    const never = new OidcScript().then(TOKEN, 200, GIVEN);
    never.checks = [refused('key')];
    expect(await told(never)).toMatchObject({ outcome: { error: 'ANSWER_UNREADABLE' }, pauses: [PAUSE_MS] });
  });
  it('that cannot be checked, since the keys are away, is 503', async () => {
    const script = new OidcScript().then(TOKEN, 200, GIVEN);
    script.checks = [{ kind: 'unchecked', cause: 'away', retryAfterSeconds: 5 }];
    const { outcome } = await told(script);
    expect(outcome).toMatchObject({ error: 'BACKEND_UNAVAILABLE', retryAfterSeconds: 5 });
  });
});

describe('a call', () => {
  it('that nobody waits for any more ends at once', async () => {
    let listener: Cancellable | null = null;
    const cancellation = {
      cancelled: false,
      onCancel: (given: Cancellable | null) => void (listener = given ?? listener),
    };
    const script = new OidcScript();
    script.fetch = (_url, _message) => new Promise(() => undefined);
    const rules = rulesOf();
    const call = new OidcCall(script, rules, { timeoutMs: 60_000, maxBytes: 1000, cancellation });
    const waiting = call.waitFor(new Promise(() => undefined));
    listener!.cancel();
    await expect(waiting).rejects.toMatchObject({ error: 'BACKEND_BROKE_OFF' });
    await expect(call.waitFor(1)).rejects.toMatchObject({ error: 'BACKEND_BROKE_OFF' });
    call.end();
  });
  it('of an issuer whose document cannot be had is 503, with the time after which it is asked again', async () => {
    const script = new OidcScript();
    const of = script.of.bind(script);
    script.of = (place) => ({
      ...of(place),
      metadata: () => Promise.reject(new IssuerAway('refuses the connection', 5)),
    });
    const outcome = await script.client.call(rulesOf(), requestOf('login', { username: 'a', password: 'b' }), LIMITS);
    expect(outcome).toMatchObject({ kind: 'failed', error: { error: 'BACKEND_UNAVAILABLE', retryAfterSeconds: 5 } });
  });
  it('has no time left where it begins too late', async () => {
    const script = new OidcScript();
    const of = script.of.bind(script);
    script.of = (place) => ({ ...of(place), metadata: () => new Promise(() => undefined) });
    const limits = { ...LIMITS, timeoutMs: -5 };
    const outcome = await script.client.call(rulesOf(), requestOf('refresh', { refresh_token: 'r' }), limits);
    expect(outcome).toMatchObject({ kind: 'failed', error: { error: 'BACKEND_TIMEOUT' } });
  });
  it.each([7, null, '', {}, [], 'x', 'http://[', 'javascript:x', 'file:///etc/passwd'])(
    'of an issuer whose document has %j for an endpoint comes to an outcome, and is sent nowhere',
    async (endpoint) => {
      const script = new OidcScript();
      const names = ['token', 'introspection', 'revocation', 'userinfo', 'end_session'];
      const odd = Object.fromEntries(names.map((name) => [`${name}_endpoint`, endpoint]));
      script.document = { ...script.document, ...odd };
      const auth = { username: 'a', password: 'b', access_token: 'c', refresh_token: 'd', id_token: 'e' };
      for (const action of [
        'login',
        'refresh',
        'resolve',
        'validate',
        'logout',
        'delete',
        'custom',
        'register',
      ] as const) {
        const { kind } = await script.client.call(rulesOf(), requestOf(action, auth), LIMITS);
        expect(['failed', 'missing']).toContain(kind);
      }
      expect(script.sent).toEqual([]);
    },
  );
  it('sends the secret to endpoints with TLS alone, where the issuer has it', async () => {
    const script = new OidcScript();
    script.document = { ...script.document, token_endpoint: 'http://sso.example.org/token' };
    const outcome = await script.client.call(rulesOf(), requestOf('refresh', { refresh_token: 'r' }), LIMITS);
    expect([outcome.kind, script.sent]).toEqual(['failed', []]);
  });
  it('sends the secret in the form where the server takes it nowhere else', async () => {
    const script = new OidcScript().then(TOKEN, 400, { error: 'invalid_grant' });
    script.document = { ...script.document, token_endpoint_auth_methods_supported: ['client_secret_post'] };
    await script.client.call(rulesOf(), requestOf('refresh', { refresh_token: 'r' }), LIMITS);
    expect(Object.fromEntries(new URLSearchParams(script.sent[0]!.body))).toMatchObject({
      ...{ client_id: 'gateway', client_secret: 'gateway-secret' },
    });
  });
  it.each(['refresh', 'resolve', 'validate'] as const)('of %s without a token asks nobody', async (action) => {
    const script = new OidcScript();
    expect((await script.client.call(rulesOf(), requestOf(action, {}), LIMITS)).kind).toBe('refused');
  });
  it.each(['resolveKey', 'forward'] as const)('of %s is none of OpenID Connect', async (action) => {
    expect((await new OidcScript().client.call(rulesOf(), requestOf(action, {}), LIMITS)).kind).toBe('missing');
  });
  it('of validate is missing where the server can be asked in no way', async () => {
    const script = new OidcScript();
    script.document = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` };
    const outcome = await script.client.call(rulesOf(), requestOf('validate', { access_token: 'a' }), LIMITS);
    expect(outcome.kind).toBe('missing');
  });
});
