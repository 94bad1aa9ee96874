import type { Exchange } from '../exchange.js';
import type { Caller } from '../identify/caller.js';
import type { CredentialPlace, Credentials } from '../identify/credentials/credential.js';
import { collectCredentials } from '../identify/credentials/collect-credentials.js';
import type { ExpiredToken, TokenChecks } from '../identify/token-checks.js';
import { graceEndsAt, type TokenKind } from '../identify/token-kind.js';
import { cookieHeaders, type AnswerRules } from './flow-answer.js';
import { FlowRun } from './flow-run.js';
import type { RefreshFlow } from './refresh.flow.js';
import type { FlowTokens } from './token-issuer.js';

export interface SilentRefreshParts {
  readonly refresh: RefreshFlow;
  readonly checks: TokenChecks;
  readonly csrf: AnswerRules['csrf'];
  /** Epoch ms. */
  readonly now: () => number;
}

/**
 * Within the grace of an expired token a call that also carries a valid refresh token is served, and gets new tokens the way that its
 * own came (spec/identity.md, `gracePeriod`).
 */
export class SilentRefresh {
  constructor(private readonly parts: SilentRefreshParts) {}

  /** Null: the token stays expired. @throws GatewayError where the authentication server or the ledger fails */
  async caller(exchange: Exchange, kind: TokenKind, expired: ExpiredToken): Promise<Caller | null> {
    if (this.parts.now() >= graceEndsAt(kind, expired.expiresAtMs)) return null;
    const credentials = collectCredentials(exchange.headers, exchange.bodyAuth, kind);
    const given = credentials.values.get('refresh_token');
    if (given === undefined) return null;
    const none: Credentials = { values: new Map([['refresh_token', given]]), malformed: false };
    const channel = exchange.channel!;
    const run = new FlowRun({ exchange, action: 'refresh', type: null, channel, kind, credentials: none });
    const refreshed = await this.parts.refresh.byRefreshToken(run, given.value);
    if (refreshed.kind !== 'refreshed') return null;
    const { tokens } = refreshed;
    const checked = await this.parts.checks.check(kind, tokens.token, false);
    if (checked.caller === null) return null;
    // A refresh token of somebody else serves nobody.
    if (checked.caller.applied.originId !== kind.claims.apply(expired.claims).originId) return null;
    exchange.addHeader('Cache-Control', 'no-store');
    for (const item of pairs(this.headersOf(exchange.credentialFrom, kind, tokens))) exchange.addHeader(...item);
    return checked.caller;
  }

  private headersOf(from: CredentialPlace | null, kind: TokenKind, tokens: FlowTokens): string[] {
    if (from === 'cookie') return cookieHeaders(tokens, { kind, asCookies: true, csrf: this.parts.csrf });
    const headers = [`Rierino-Auth.${kind.tokenName}`, tokens.token];
    if (tokens.refreshToken !== null) headers.push('Rierino-Auth.refresh_token', tokens.refreshToken);
    return headers;
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let index = 0; index < flat.length; index += 2) list.push([flat[index]!, flat[index + 1]!]);
  return list;
}
