import type { GatewayOptions } from '../../contracts/gateway-options.js';
import type { Exchange } from '../exchange.js';
import { readJsonBody } from '../families/request-body.js';
import { MAX_PARAMETERS, MAX_VALUE_LENGTH } from '../identify/credentials/credential.js';
import { objectMembers } from '../json/json-text.js';
import { collectCredentials } from '../identify/credentials/collect-credentials.js';
import { csrfHolds } from '../identify/csrf.js';
import type { NoCaller, TokenChecks } from '../identify/token-checks.js';
import { graceEndsAt, type TokenKind } from '../identify/token-kind.js';
import type { Routes } from '../resolve/route-table.js';
import { refusal, type Answer, type Refusal } from '../stage.js';
import { tokensAnswer } from './flow-answer.js';
import type { BrowserLogin } from './browser-login.flow.js';
import type { CustomFlow } from './custom.flow.js';
import { FlowRun } from './flow-run.js';
import { flowPathOf, type FlowPath } from './flow-path.js';
import type { LeaveFlow, Leaver } from './leave.flow.js';
import type { LoginFlow } from './login.flow.js';
import type { RefreshFlow } from './refresh.flow.js';
import { CSRF_INVALID, TOKEN_INVALID, TOKEN_MISSING, tokenRefusal } from '../identify/token-refusals.js';
import { FEATURE_OFF } from './feature-off.js';

const BODY_TOO_LARGE = refusal('BODY_TOO_LARGE');

export interface AuthFlowsParts {
  readonly routes: { readonly current: Routes };
  readonly options: GatewayOptions;
  readonly checks: TokenChecks;
  readonly login: LoginFlow;
  readonly refresh: RefreshFlow;
  readonly leave: LeaveFlow;
  readonly custom: CustomFlow;
  readonly browser: BrowserLogin;
  /** Epoch ms. */
  readonly now: () => number;
}

/** `/api/auth/{action}/{channel}[/{type}]` (spec/identity.md, "Flows"): POST, and in a browser GET. */
export class AuthFlows {
  constructor(private readonly parts: AuthFlowsParts) {}

  /** @throws GatewayError and what else fails inside */
  async answer(exchange: Exchange): Promise<Refusal | Answer> {
    const { routes, options } = this.parts;
    exchange.bodiesAreSecret = true;
    // Of refusals, too (RFC 6749, 5.1).
    exchange.addHeader('Cache-Control', 'no-store');
    const path = flowPathOf(exchange, routes.current, options.allowBranch);
    if (path.kind !== 'flow' && path.kind !== 'browser') return path;
    const kind = path.channel.userKind;
    // Nobody can log in to a channel without a kind of token, or without an authentication server.
    if (kind === null) return FEATURE_OFF;
    if (path.kind === 'browser') return this.parts.browser.run(exchange, path, kind);
    const unread = await readJsonBody(exchange, options);
    if (unread !== null) return unread;
    if (hasTooMuch(exchange.parameters)) return BODY_TOO_LARGE;
    return this.flow(exchange, path, kind);
  }

  private flow(exchange: Exchange, path: FlowPath, kind: TokenKind): Promise<Refusal | Answer> | Refusal {
    const { channel, action, type } = path;
    const credentials = collectCredentials(exchange.headers, exchange.parameters, kind);
    if (credentials.malformed) {
      exchange.cause = 'a credential is malformed';
      return TOKEN_INVALID;
    }
    const run = new FlowRun({ exchange, action, type, channel, kind, credentials });
    switch (action) {
      case 'login':
      case 'register':
        return kind.provider === null || !kind.issues ? FEATURE_OFF : this.parts.login.run(run);
      case 'refresh':
        return kind.issues ? this.refresh(run) : FEATURE_OFF;
      case 'logout':
      case 'delete':
      case 'custom':
        return this.leave(run);
    }
  }

  private async refresh(run: FlowRun): Promise<Refusal | Answer> {
    const { refresh } = this.parts;
    const given = run.credentials.values.get('refresh_token');
    const token = run.credentials.values.get(run.kind.names.tokenName);
    let refreshed;
    if (given !== undefined) refreshed = await refresh.byRefreshToken(run, given.value);
    else {
      if (token === undefined) return TOKEN_MISSING;
      const claims = await this.refreshableClaims(run, token.value);
      if (claims.kind === 'refusal') return claims;
      refreshed = await refresh.byGatewayToken(run, claims.claims);
    }
    if (refreshed.kind !== 'refreshed') return refreshed;
    const asCookies = run.asCookies || (given ?? token)!.from === 'cookie';
    const rules = { kind: run.kind, asCookies, csrf: this.parts.options.csrf };
    return tokensAnswer(refreshed.shown, refreshed.tokens, rules);
  }

  /** Of a gateway token that is valid, or within its grace. */
  private async refreshableClaims(
    { kind, exchange }: FlowRun,
    token: string,
  ): Promise<{ readonly kind: 'claims'; readonly claims: Readonly<Record<string, unknown>> } | Refusal> {
    const checked = await this.parts.checks.check(kind, token, false);
    if (checked.caller !== null) {
      if (checked.caller.kind.issuedBy !== null) return renewedElsewhere(exchange);
      exchange.caller = checked.caller;
      return { kind: 'claims', claims: checked.caller.claims };
    }
    const { expired } = checked;
    if (expired !== null && this.parts.now() < graceEndsAt(kind, expired.expiresAtMs))
      return { kind: 'claims', claims: expired.claims };
    return refusedToken(checked, exchange);
  }

  /** What only who is logged in may do. */
  private async leave(run: FlowRun): Promise<Refusal | Answer> {
    const { kind, exchange, credentials } = run;
    const given = credentials.values.get(kind.names.tokenName);
    const { csrf } = this.parts.options;
    let leaver: Leaver | null = null;
    // A page of another site must not log anybody out; who has the refresh cookie alone sends it by itself, or refreshes first.
    if (given === undefined && csrf !== null && credentials.values.get('refresh_token')?.from === 'cookie')
      return CSRF_INVALID;
    if (given !== undefined) {
      if (csrf !== null && given.from === 'cookie' && isForgeable(exchange, kind, given.value)) return CSRF_INVALID;
      const checked = await this.parts.checks.check(kind, given.value, false);
      if (checked.caller !== null) leaver = { token: given.value, caller: checked.caller };
      else if (checked.fault !== 'expired' || !credentials.values.has('refresh_token'))
        return refusedToken(checked, exchange);
    }
    exchange.caller = leaver?.caller ?? null;
    return run.action === 'custom' ? this.parts.custom.run(run, leaver) : this.parts.leave.run(run, leaver);
  }
}

/** What is past the bounds of credentials would be left out in silence. @param text JSON text of the body */
function hasTooMuch(text: string): boolean {
  const members = objectMembers(text) ?? [];
  return (
    members.length > MAX_PARAMETERS ||
    members.some(({ value, end }) => text[value] === '"' && end - value > MAX_VALUE_LENGTH)
  );
}

/** Without a key nobody could have made the token that would show that the call was meant. */
function isForgeable({ headers }: Exchange, { csrfKey, issues }: TokenKind, token: string): boolean {
  return csrfKey === null ? !issues : !csrfHolds(headers, csrfKey, token);
}

function refusedToken(checked: NoCaller, exchange: Exchange): Refusal {
  const { verdict, cause } = tokenRefusal(checked);
  exchange.cause = cause;
  return verdict;
}

function renewedElsewhere(exchange: Exchange): Refusal {
  exchange.cause = 'a token of an external issuer is refreshed there';
  return TOKEN_INVALID;
}
