import { giveWay } from '../../contracts/give-way.js';
import type { Session } from '../../contracts/session-origin.js';
import { callerOf, type Caller } from '../identify/caller.js';
import { gatewayTokenOf } from '../identify/credentials/gateway-token.js';
import { namesUser } from '../identify/keys/key-caller.js';
import type { SessionServers } from '../identify/sessions/session-servers.js';
import type { TokenChecks } from '../identify/token-checks.js';
import type { Claims } from '../identify/tokens/checked-token.js';
import type { ErrorName } from '../../errors/error-table.js';
import type { Answer, Refusal } from '../stage.js';
import { plainAnswer, shownText, tokensAnswer, type AnswerRules } from './flow-answer.js';
import type { FlowRun } from './flow-run.js';
import { namesNobody, saidNothing, type ProviderStep } from './provider-step.js';
import type { SagaStep } from './saga-step.js';
import type { FlowTokens, TokenIssuer } from './token-issuer.js';
import { withoutTokens } from './token-members.js';
import { TOKEN_MISSING, WRONG_CREDENTIALS } from '../identify/token-refusals.js';
import { FEATURE_OFF } from './feature-off.js';

export interface LoginParts {
  readonly provider: ProviderStep;
  readonly saga: SagaStep;
  readonly issuer: TokenIssuer;
  readonly checks: TokenChecks;
  readonly sessions: SessionServers;
  readonly csrf: AnswerRules['csrf'];
  /** Epoch ms. */
  readonly now: () => number;
}

/** A login that has come to its end: its tokens are made and entered. */
export interface LoggedIn {
  readonly kind: 'loggedIn';
  readonly tokens: FlowTokens;
}

/** register and login (spec/identity.md, "Flows"). */
export class LoginFlow {
  constructor(private readonly parts: LoginParts) {}

  async run(run: FlowRun): Promise<Refusal | Answer> {
    const refused = await this.authenticate(run);
    if (refused !== null) return refused;
    const done = await this.complete(run);
    if (done.kind !== 'loggedIn') return done;
    const { kind, asCookies } = run;
    return tokensAnswer(shownText(run.text, kind), done.tokens, { kind, asCookies, csrf: this.parts.csrf });
  }

  /** All that follows once the authentication server has said who it is. An answer: a step of a longer login, or an error. */
  async complete(run: FlowRun): Promise<LoggedIn | Refusal | Answer> {
    const { kind, exchange } = run;
    const stopped = await this.parts.saga.run(run);
    if (stopped !== null) return stopped;
    if (run.takeStep()) return plainAnswer(run.asCookies ? withoutTokens(run.text) : run.text, kind);
    if (run.user === null && run.access === null) throw saidNothing();
    const { claims, unconverted } = kind.claims.issue(run.claimSource());
    if (unconverted.length > 0)
      exchange.cause = `claims that are not of their class are left out: ${unconverted.join(', ')}`;
    if (!namesUser(kind, kind.claims.apply(claims).originId)) throw namesNobody();
    const withSession = await this.withSession(run, claims);
    // To make tokens and to enter them are each half a millisecond.
    await giveWay();
    const issued = await this.parts.issuer.make({
      ...{ kind, tokens: run.tokens, remembers: run.remembers },
      ...{ claims: withSession, loginAtMs: this.parts.now() },
    });
    exchange.caller = issued.caller;
    await giveWay();
    return { kind: 'loggedIn', tokens: await this.parts.issuer.begin(issued) };
  }

  /** What the authentication server says of whoever comes. Null: go on. */
  private async authenticate(run: FlowRun): Promise<Refusal | Answer | null> {
    const { provider } = this.parts;
    const accessToken = run.credential('access_token');
    const isLogin = run.action === 'login';
    const asks = run.thru || (isLogin && accessToken === null && provider.has(run, 'login'));
    if (!asks) {
      if (accessToken !== null) return this.resolve(run, null);
      return isLogin || !provider.has(run, 'resolve') ? FEATURE_OFF : TOKEN_MISSING;
    }
    if (isLogin && !hasAny(run)) return WRONG_CREDENTIALS;
    const asked = await provider.ask(run, isLogin ? 'login' : 'register', { bad: 'WRONG_CREDENTIALS' });
    if (asked.kind !== 'answered') return asked;
    run.take(asked.answer);
    if (run.tokens === null) return run.user === null && !run.saysStage ? this.nothing(run) : null;
    const needsUser = run.user === null || (isLogin && !provider.namesUser(run));
    return needsUser && provider.has(run, 'resolve') ? this.resolve(run, run.tokens.accessToken) : null;
  }

  /** A registration may answer with nothing at all: then there is nobody to issue a token to. */
  private nothing(run: FlowRun): Answer | null {
    if (run.action === 'login') throw saidNothing();
    run.add('{"skipToken":true}');
    return null;
  }

  /** @param accessToken of the login just made; null: the client's own */
  private async resolve(run: FlowRun, accessToken: string | null): Promise<Refusal | Answer | null> {
    const bad: ErrorName = 'WRONG_CREDENTIALS';
    const extra = accessToken === null ? {} : { access_token: accessToken };
    const asked = await this.parts.provider.ask(run, 'resolve', { extra, bad });
    if (asked.kind !== 'answered') return asked;
    const { tokens } = run;
    run.take(asked.answer);
    // The tokens are those of the login: what a server says again of the one that it was sent is no refresh.
    if (tokens !== null) run.tokens = tokens;
    else if (!run.saysStage) {
      // A good answer alone says nothing of the token: introspection (RFC 7662) says so of bad ones, and an empty flow of any.
      if (run.user === null) throw saidNothing();
      run.tokens ??= this.broughtTokens(run);
    }
    return null;
  }

  /** A client that logged in at the server itself brings its tokens along. */
  private broughtTokens(run: FlowRun): FlowRun['tokens'] {
    const [accessToken, refreshToken] = [run.credential('access_token'), run.credential('refresh_token')];
    if (accessToken === null) return null;
    const idToken = run.credential('id_token');
    return { accessToken, refreshToken, idToken, expiresInSeconds: null, refreshExpiresInSeconds: null };
  }

  /** The session of whoever logged in: a guest's that the same client had becomes it. */
  private async withSession(run: FlowRun, claims: Claims): Promise<Claims> {
    const { kind, exchange, channel } = run;
    const name = kind.claims.names.SESSION_ID;
    const caller = callerOf({ kind, claims, expiresAtMs: 0, isGuest: false });
    if (kind.session === null || caller.origin === null) return claims;
    const sessions = this.parts.sessions.of(kind.session);
    const guest = channel.guestKind === null ? null : ((await this.guestOf(run))?.origin ?? null);
    const urlType = run.urlType || caller.origin.type;
    const session: Session | null =
      guest === null
        ? await sessions.touch(caller.origin, exchange, urlType)
        : await sessions.stitch(caller.origin, guest, exchange, urlType);
    exchange.session = session;
    return session === null || name === null ? claims : { ...claims, [name]: session.id };
  }

  private async guestOf({ exchange, channel }: FlowRun): Promise<Caller | null> {
    const kind = channel.guestKind!;
    const found = gatewayTokenOf(exchange.headers, kind.names);
    if (found.kind !== 'token') return null;
    return (await this.parts.checks.check(kind, found.value, true)).caller;
  }
}

/** A login without anything to log in with need not be asked about. */
function hasAny({ credentials }: FlowRun): boolean {
  return credentials.values.size > 0;
}
