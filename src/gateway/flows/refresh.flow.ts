import { LedgerUnavailable, LoginEnded, type RefreshUse, type TokenLedger } from '../../contracts/token-ledger.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Answer, Refusal } from '../stage.js';
import { namesUser } from '../identify/keys/key-caller.js';
import type { ProviderTokens } from '../identify/provider/provider-answer.js';
import { LOGIN_CLAIM, LOGIN_TIME_CLAIM, CARRIED_CLAIM } from '../identify/tokens/carried-tokens.js';
import type { Claims } from '../identify/tokens/checked-token.js';
import { shownText } from './flow-answer.js';
import type { FlowRun } from './flow-run.js';
import { namesNobody, type ProviderStep } from './provider-step.js';
import type { SagaStep } from './saga-step.js';
import { isOwnRefreshToken, type FlowTokens, type Issued, type Login, type TokenIssuer } from './token-issuer.js';
import { TOKEN_INVALID } from '../identify/token-refusals.js';
import { FEATURE_OFF } from './feature-off.js';

export interface RefreshParts {
  readonly provider: ProviderStep;
  readonly saga: SagaStep;
  readonly issuer: TokenIssuer;
  readonly ledger: TokenLedger;
  /** Epoch ms. */
  readonly now: () => number;
}

/** What a refresh gave. */
export interface Refreshed {
  readonly kind: 'refreshed';
  /** Id of the token record. */
  readonly tokenKind: string;
  /** The answer without tokens of ours, as JSON text. */
  readonly shown: string;
  readonly tokens: FlowTokens;
}

/** What a login is refreshed by. */
interface Basis {
  /** Null: the authentication server has to tell. */
  readonly claims: Claims | null;
  readonly isOwn: boolean;
  readonly remembers: boolean;
  readonly loginAtMs: number;
}

/** refresh (spec/identity.md, "Flows"): rotates, and gives who comes with an old token within 10 s the same again. */
export class RefreshFlow {
  constructor(private readonly parts: RefreshParts) {}

  /** By a refresh token, ours or the authentication server's. @throws GatewayError */
  async byRefreshToken(run: FlowRun, refreshToken: string): Promise<Refreshed | Refusal | Answer> {
    const use = await this.use(refreshToken);
    switch (use.kind) {
      case 'repeated':
        return this.repeated(run, use.answer.body);
      case 'reused':
        run.exchange.cause = 'the refresh token was exchanged before: its login is over';
        return TOKEN_INVALID;
      case 'current':
        return this.rotate(run, refreshToken, use);
      case 'unknown':
        return this.adopt(run, refreshToken);
    }
  }

  /** By a gateway token that is valid, or within its grace, alone: the original's public clients come so. */
  async byGatewayToken(run: FlowRun, claims: Claims): Promise<Refreshed | Refusal | Answer> {
    const { issuer, now } = this.parts;
    const carried = run.kind.carrier?.read(claims)?.refreshToken ?? null;
    if (carried !== null) return this.byRefreshToken(run, carried);
    const loginAtMs = loginTimeOf(claims) ?? now();
    if (now() >= issuer.refreshableTill(run.kind, loginAtMs)) {
      run.exchange.cause = 'the login is too long ago';
      return TOKEN_INVALID;
    }
    const basis: Basis = { claims: ownClaims(claims), isOwn: true, remembers: false, loginAtMs };
    const issued = await this.issue(run, basis, null);
    if (issued.kind !== 'issued') return issued;
    const tokens = await issuer.begin(issued.issued);
    return { kind: 'refreshed', tokenKind: run.kind.id, shown: shownText(run.text, run.kind), tokens };
  }

  private repeated(run: FlowRun, body: string): Refreshed | Refusal {
    const refreshed = JSON.parse(body) as Refreshed;
    return refreshed.tokenKind === run.kind.id ? refreshed : this.ofAnotherKind(run);
  }

  private ofAnotherKind({ exchange }: FlowRun): Refusal {
    exchange.cause = 'the refresh token is of another kind of token';
    return TOKEN_INVALID;
  }

  private async use(refreshToken: string): Promise<RefreshUse> {
    try {
      return await this.parts.ledger.use(refreshToken);
    } catch (error) {
      throw unavailable(error);
    }
  }

  private async rotate(
    run: FlowRun,
    refreshToken: string,
    use: Extract<RefreshUse, { kind: 'current' }>,
  ): Promise<Refreshed | Refusal | Answer> {
    const { ledger } = this.parts;
    const { family, facts } = use;
    if (facts.tokenKind !== run.kind.id) {
      await ledger.released(family, refreshToken);
      return this.ofAnotherKind(run);
    }
    const login = JSON.parse(facts.content) as Login;
    let outcome: IssueOutcome;
    try {
      outcome = await this.issue(run, { ...login, loginAtMs: facts.begunAtMs }, refreshToken);
    } catch (error) {
      await ledger.released(family, refreshToken);
      throw error;
    }
    if (outcome.kind !== 'issued') {
      await ledger.released(family, refreshToken);
      return outcome;
    }
    const { tokens } = outcome.issued;
    const refreshed: Refreshed = {
      kind: 'refreshed',
      tokenKind: run.kind.id,
      shown: shownText(run.text, run.kind),
      tokens,
    };
    // A login that may not be refreshed again ends with this one.
    if (tokens.refreshToken === null) await ledger.released(family, refreshToken);
    else {
      try {
        await ledger.rotated(family, refreshToken, tokens.refreshToken, { body: JSON.stringify(refreshed) });
      } catch (error) {
        if (!(error instanceof LoginEnded)) throw unavailable(error);
        run.exchange.cause = 'the login has ended meanwhile';
        return TOKEN_INVALID;
      }
    }
    return refreshed;
  }

  /** Nobody knows it here: a client may have it from the authentication server itself, which decides. */
  private async adopt(run: FlowRun, refreshToken: string): Promise<Refreshed | Refusal | Answer> {
    if (isOwnRefreshToken(refreshToken) || !this.parts.provider.has(run, 'refresh')) return TOKEN_INVALID;
    const basis: Basis = { claims: null, isOwn: false, remembers: false, loginAtMs: this.parts.now() };
    const outcome = await this.issue(run, basis, refreshToken);
    if (outcome.kind !== 'issued') return outcome;
    const tokens = await this.parts.issuer.begin(outcome.issued);
    return { kind: 'refreshed', tokenKind: run.kind.id, shown: shownText(run.text, run.kind), tokens };
  }

  private async issue(run: FlowRun, basis: Basis, refreshToken: string | null): Promise<IssueOutcome> {
    const { issuer, saga } = this.parts;
    const asked = basis.isOwn ? null : await this.ask(run, refreshToken!);
    if (asked !== null) return asked;
    const stopped = await saga.run(run);
    if (stopped !== null) return stopped;
    const { kind } = run;
    const told = run.user === null && run.access === null ? null : kind.claims.issue(run.claimSource()).claims;
    const claims = told === null ? basis.claims : { ...sessionOf(run, basis.claims), ...told };
    if (claims === null) throw new GatewayError('BACKEND_FAILED', { cause: 'the authentication server named no user' });
    if (!namesUser(kind, kind.claims.apply(claims).originId)) throw namesNobody();
    const { remembers, loginAtMs } = basis;
    const issued = await issuer.make({ kind, claims, tokens: run.tokens, remembers, loginAtMs });
    run.exchange.caller = issued.caller;
    return { kind: 'issued', issued };
  }

  /** New tokens of the authentication server, and the user. Null: go on. */
  private async ask(run: FlowRun, refreshToken: string): Promise<Refusal | Answer | null> {
    const { provider } = this.parts;
    if (!provider.has(run, 'refresh')) return FEATURE_OFF;
    const extra = { refresh_token: refreshToken };
    const asked = await provider.ask(run, 'refresh', { extra, bad: 'TOKEN_INVALID' });
    if (asked.kind !== 'answered') return asked;
    run.take(asked.answer);
    const { tokens } = run;
    if (tokens === null)
      throw new GatewayError('BACKEND_FAILED', { cause: 'the authentication server gave no tokens' });
    // Some servers never rotate: their refresh token goes on.
    run.tokens = tokens.refreshToken === null ? goingOn(tokens, refreshToken) : tokens;
    if (run.user !== null || !provider.has(run, 'resolve')) return null;
    const resolved = await provider.ask(run, 'resolve', {
      ...{ extra: { access_token: tokens.accessToken }, bad: 'TOKEN_INVALID' },
    });
    if (resolved.kind !== 'answered') return resolved;
    const kept = run.tokens;
    run.take(resolved.answer);
    run.tokens = kept;
    return null;
  }
}

type IssueOutcome = { readonly kind: 'issued'; readonly issued: Issued } | Refusal | Answer;

function goingOn(tokens: ProviderTokens, refreshToken: string): ProviderTokens {
  return { ...tokens, refreshToken };
}

/** A login keeps its session. */
function sessionOf({ kind, exchange }: FlowRun, claims: Claims | null): Claims {
  const name = kind.claims.names.SESSION_ID;
  if (name === null) return {};
  const id = claims?.[name] ?? exchange.caller?.applied.sessionId ?? null;
  return id === null ? {} : { [name]: id };
}

function unavailable(error: unknown): unknown {
  if (!(error instanceof LedgerUnavailable)) return error;
  return new GatewayError('TOKENS_UNAVAILABLE', { cause: error.message, retryAfterSeconds: 1 });
}

function loginTimeOf(claims: Claims): number | null {
  const seconds = claims[LOGIN_TIME_CLAIM];
  if (typeof seconds === 'number') return seconds * 1000;
  return typeof claims.iat === 'number' ? claims.iat * 1000 : null;
}

/** Written anew into each token. */
const WRITTEN = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', LOGIN_CLAIM, LOGIN_TIME_CLAIM, CARRIED_CLAIM]);

function ownClaims(claims: Claims): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !WRITTEN.has(name)));
}
