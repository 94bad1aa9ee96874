import { setTimeout } from 'node:timers/promises';
import type { TokenEndpointResponse } from 'oauth4webapi';
import { GatewayError } from '../../../errors/gateway.error.js';
import type { IssuerCheck, IssuerDirectory, TokenRules, UncheckedToken } from '../issuers/issuer.js';
import { PAUSE_MS } from '../issuers/kept-answer.js';
import { accessClaims } from '../provider/access-claims.js';
import type { JsonObject } from '../provider/json-members.js';
import type { ProviderOutcome } from '../provider/provider-client.js';
import type { IssuerSession } from './issuer-session.js';
import { tokensOf, userAnswer } from './oidc-answer.js';
import { failed, refusedOutcome } from './oidc-failure.js';
import type { OidcRules } from './oidc-rules.js';
import { isMeantFor } from './oidc-user.js';

/** Claims of an access token that holds and is meant for us. */
export interface GoodAccess {
  readonly kind: 'claims';
  readonly claims: JsonObject;
  readonly token: string;
}

const MISSING: ProviderOutcome = Object.freeze({ kind: 'missing' });
/** What Keycloak calls tokens that are no access tokens. */
const OTHER_TYPES: ReadonlySet<unknown> = new Set(['ID', 'Refresh', 'Offline', 'Logout']);

export const NO_TOKEN = refusedOutcome(401, 'no token came');
const NOT_ACTIVE = refusedOutcome(401, 'the server says that the token does not hold, or is not for this client');
const OPAQUE = refusedOutcome(401, 'the token is no JWT, and the server cannot be asked about it');
const NOT_FOR_US = refusedOutcome(
  401,
  'the access token is meant for another client: neither aud nor azp names this one',
);
export const NO_ACCESS_TOKEN = refusedOutcome(401, 'the token is no access token of a user');

/** Whose tokens they are, and whether they hold. Throws what failedOutcome reads. */
export class OidcTokens {
  constructor(
    private readonly issuers: IssuerDirectory,
    /** Epoch ms. */
    private readonly now: () => number,
    private readonly pause: (ms: number) => Promise<void> = (ms) => setTimeout(ms),
  ) {}

  /** Tokens that the server itself has just given, and whose they are. */
  async told(rules: OidcRules, given: TokenEndpointResponse, session: IssuerSession): Promise<ProviderOutcome> {
    const tokens = tokensOf(given);
    const id = tokens.idToken === null ? null : await this.idClaims(rules, tokens.idToken, session);
    const access = accessClaims(tokens.accessToken);
    const wantsMore = (access === null && id === null) || rules.rolesPath[0] === 'userinfo';
    const userinfo =
      wantsMore && session.hasUserinfo
        ? await session.userinfo(tokens.accessToken, subjectOf(access) ?? subjectOf(id))
        : null;
    return userAnswer(rules, { access, id, userinfo }, tokens);
  }

  /** @throws GatewayError where the id token is not good, or nobody can say so */
  private async idClaims(rules: OidcRules, idToken: string, session: IssuerSession): Promise<JsonObject> {
    const audiences = new Set([rules.clientId]);
    const expected: TokenRules = { use: 'id', audiences, takesAzp: false, authorizedParty: rules.clientId };
    let checked = await this.check(rules, idToken, expected, session);
    if (checked.kind === 'bad' && checked.fault === 'key') {
      // The issuer has made it just now, by a key that is newer than the last look at its keys.
      await session.waitFor(this.pause(PAUSE_MS));
      checked = await this.check(rules, idToken, expected, session);
    }
    if (checked.kind === 'good') return checked.claims;
    throw checked.kind === 'unchecked'
      ? unchecked(checked)
      : new GatewayError('ANSWER_UNREADABLE', { cause: `the id token is refused: ${checked.fault}` });
  }

  /** An access token that a client brings: it must hold, and be meant for us. */
  async resolve(rules: OidcRules, auth: ReadonlyMap<string, string>, session: IssuerSession): Promise<ProviderOutcome> {
    const found = await this.accessOf(rules, auth.get('access_token'), session);
    if (found.kind !== 'claims') return found;
    const { claims, token } = found;
    const wantsMore = rules.rolesPath[0] === 'userinfo' && session.hasUserinfo;
    const userinfo = wantsMore ? await session.userinfo(token, subjectOf(claims)) : null;
    return userAnswer(rules, { access: claims, id: null, userinfo }, null);
  }

  async accessOf(
    rules: OidcRules,
    token: string | undefined,
    session: IssuerSession,
  ): Promise<GoodAccess | ProviderOutcome> {
    if (token === undefined) return NO_TOKEN;
    const found = session.canIntrospect
      ? await introspected(token, session)
      : await this.checkedLocally(rules, token, session);
    if (found.kind !== 'claims') return found;
    const { claims } = found;
    if (OTHER_TYPES.has(claims['typ']) || claims['at_hash'] !== undefined) return NO_ACCESS_TOKEN;
    return isMeantFor(rules.clientId, claims) ? found : NOT_FOR_US;
  }

  /** Where the server cannot be asked: by its keys. */
  private async checkedLocally(
    rules: OidcRules,
    token: string,
    session: IssuerSession,
  ): Promise<GoodAccess | ProviderOutcome> {
    if (accessClaims(token) === null) return OPAQUE;
    const audiences = new Set([rules.clientId]);
    const expected: TokenRules = { use: 'access', audiences, takesAzp: true, authorizedParty: null };
    const checked = await this.check(rules, token, expected, session);
    if (checked.kind === 'good') return { kind: 'claims', claims: checked.claims, token };
    if (checked.kind === 'unchecked') return failed(unchecked(checked));
    return refusedOutcome(401, `the token is refused: ${checked.fault}`);
  }

  private check(
    { place }: OidcRules,
    token: string,
    expected: TokenRules,
    session: IssuerSession,
  ): Promise<IssuerCheck> {
    return session.waitFor(this.issuers.of(place).check(token, expected, this.now()));
  }

  /** A token of a login made here: whether it still holds, by the server's own word each time. */
  async validate(
    rules: OidcRules,
    auth: ReadonlyMap<string, string>,
    session: IssuerSession,
  ): Promise<ProviderOutcome> {
    const token = auth.get('access_token');
    if (token === undefined) return NO_TOKEN;
    if (session.canIntrospect) {
      const found = await introspected(token, session);
      if (found.kind !== 'claims') return found;
      return userAnswer(rules, { access: found.claims, id: null, userinfo: null }, null);
    }
    if (!session.hasUserinfo) return MISSING;
    const access = accessClaims(token);
    const userinfo = await session.userinfo(token, subjectOf(access));
    return userAnswer(rules, { access, id: null, userinfo }, null);
  }
}

async function introspected(token: string, session: IssuerSession): Promise<GoodAccess | ProviderOutcome> {
  const said = await session.introspect(token);
  // What the token itself says is vouched for by now.
  return said === null ? NOT_ACTIVE : { kind: 'claims', claims: { ...accessClaims(token), ...said }, token };
}

function subjectOf(claims: JsonObject | null): string | null {
  const subject = claims?.['sub'];
  return typeof subject === 'string' ? subject : null;
}

/** The issuer's keys cannot be had: not the token's fault. */
function unchecked({ cause, retryAfterSeconds }: UncheckedToken): GatewayError {
  return new GatewayError('BACKEND_UNAVAILABLE', { cause, retryAfterSeconds });
}
