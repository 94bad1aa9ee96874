import { calculatePKCECodeChallenge } from 'oauth4webapi';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Exchange } from '../exchange.js';
import { headerValue } from '../identify/credentials/header-value.js';
import type { Credentials } from '../identify/credentials/credential.js';
import type { OidcClient } from '../identify/oidc/oidc-client.js';
import { failedOutcome } from '../identify/oidc/oidc-failure.js';
import {
  endedLoginCookie,
  loginCookie,
  loginCookieName,
  loginCookieRules,
  loginCookiesIn,
  MOST_LOGINS,
} from '../identify/oidc/login-cookies.js';
import { isState, type BegunLogin, type LoginStates } from '../identify/oidc/login-states.js';
import type { TokenKind } from '../identify/token-kind.js';
import { refusal, type Answer, type Refusal } from '../stage.js';
import { redirect, throwUnlessKept, withError } from './browser-answer.js';
import { callbackUrl, redirectUriOf, whyOff, type Visit } from './browser-visit.js';
import { cookieHeaders, type AnswerRules } from './flow-answer.js';
import type { BrowserPath } from './flow-path.js';
import { FlowRun } from './flow-run.js';
import type { LoginFlow } from './login.flow.js';
import { FEATURE_OFF } from './feature-off.js';

const REDIRECT_REFUSED = refusal('REDIRECT_REFUSED');
const STATE_INVALID = refusal('LOGIN_STATE_INVALID');
const NO_CREDENTIALS: Credentials = { values: new Map(), malformed: false };

export interface BrowserLoginParts {
  readonly publicUrl: string | null;
  readonly oidc: Pick<OidcClient, 'server' | 'codeReturned'>;
  readonly states: LoginStates;
  readonly login: LoginFlow;
  readonly csrf: AnswerRules['csrf'];
}

/**
 * Logins of browsers by authorization code with PKCE (spec/identity.md, "External identity providers"; RFC 9700, 2.1). Where a browser is
 * sent is the record's word and the settings', never the request's.
 */
export class BrowserLogin {
  constructor(private readonly parts: BrowserLoginParts) {}

  /** @throws GatewayError */
  async run(exchange: Exchange, path: BrowserPath, kind: TokenKind): Promise<Refusal | Answer> {
    const { provider } = kind;
    const { publicUrl } = this.parts;
    const missing = whyOff(kind, publicUrl);
    if (missing !== null || provider?.kind !== 'oidc' || publicUrl === null) {
      exchange.cause = missing;
      return FEATURE_OFF;
    }
    const place = JSON.stringify([kind.id, path.channel.id, path.type]);
    const query = new URLSearchParams(exchange.query);
    const cookieRules = loginCookieRules(publicUrl);
    const visit: Visit = { exchange, path, kind, provider, publicUrl, query, cookieRules, place };
    return path.action === 'authorize' ? this.begin(visit) : this.finish(visit);
  }

  /** Sends the browser to the provider. */
  private async begin(visit: Visit): Promise<Refusal | Answer> {
    const { exchange, kind, provider, query, cookieRules, place } = visit;
    const { states } = this.parts;
    const redirectUri = redirectUriOf(query, provider);
    if (redirectUri === null) return REDIRECT_REFUSED;
    const endpoint = await this.authorizationEndpoint(visit);
    const { branch } = exchange;
    const login = states.begin({ redirectUri, branch, remembers: query.get('remember') === 'true' });
    const { oidc } = provider;
    const parameters = {
      ...{ client_id: oidc.clientId, response_type: 'code', redirect_uri: callbackUrl(visit), scope: oidc.scope },
      ...{ state: login.state, nonce: login.nonce, code_challenge_method: 'S256' },
      code_challenge: await calculatePKCECodeChallenge(login.verifier),
    };
    for (const [name, value] of Object.entries(parameters)) endpoint.searchParams.set(name, value);
    const cookie = loginCookie(login, states.seal(login, kind.loginKeys, place), cookieRules);
    return redirect(endpoint.href, ['Set-Cookie', cookie, ...this.surplus(visit)]);
  }

  private async authorizationEndpoint({ exchange, provider }: Visit): Promise<URL> {
    const { oidc, timeoutMs } = provider;
    const server = await this.parts.oidc.server(oidc, { timeoutMs, cancellation: exchange }).catch((error: unknown) => {
      const outcome = failedOutcome(error, { secrets: new Map(), isClientsOwn: false });
      throw outcome.kind === 'failed' ? outcome.error : error;
    });
    const { authorization_endpoint: text } = server;
    const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null;
    const isUsable = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && oidc.isPlainHttp));
    if (isUsable) return url;
    throw new GatewayError('BACKEND_FAILED', { cause: 'the issuer names no authorization endpoint that can be used' });
  }

  /** What makes a browser let go of logins that were begun and left, the oldest first, so that they do not fill its headers. */
  private surplus({ exchange, kind, cookieRules, place }: Visit): string[] {
    const cookies = [...loginCookiesIn(headerValue(exchange.headers, 'cookie'))];
    if (cookies.length < MOST_LOGINS) return [];
    const endOf = (text: string) => this.parts.states.open(text, kind.loginKeys, place)?.endsAtMs ?? 0;
    const byEnd = cookies.map(([name, text]) => ({ name, end: endOf(text) })).sort((one, other) => one.end - other.end);
    return byEnd
      .slice(0, cookies.length - MOST_LOGINS + 1)
      .flatMap(({ name }) => ['Set-Cookie', endedLoginCookie(name, cookieRules)]);
  }

  /** The browser comes back. */
  private async finish(visit: Visit): Promise<Refusal | Answer> {
    const { exchange, provider, query, cookieRules } = visit;
    const login = this.begunLogin(visit);
    if (typeof login === 'string' || !(await this.parts.states.take(login))) {
      exchange.cause = typeof login === 'string' ? login : 'the login is over already';
      return STATE_INVALID;
    }
    exchange.branch = login.branch;
    const ended = ['Set-Cookie', endedLoginCookie(loginCookieName(login.state), cookieRules)];
    const { redirectUri, state, nonce, verifier } = login;
    // The list may have changed since: where nobody is sent any more, nobody is sent.
    if (!provider.oidc.redirectUris.includes(redirectUri)) return REDIRECT_REFUSED;
    const limits = { timeoutMs: provider.timeoutMs, cancellation: exchange };
    const back = { query, state, nonce, verifier, redirectUri: callbackUrl(visit) };
    const outcome = await this.parts.oidc.codeReturned(provider.oidc, back, limits);
    switch (outcome.kind) {
      case 'answered': {
        const run = loginRun(visit, login);
        run.take(outcome.answer);
        return this.loggedIn(run, redirectUri, ended);
      }
      case 'unfit':
        exchange.cause = 'what came back is no answer of this provider';
        return STATE_INVALID;
      case 'denied':
        exchange.cause = `the provider refuses: ${outcome.error}`;
        return withError(redirectUri, outcome.error, ended);
      case 'refused':
        exchange.cause = `the provider refuses the code (${outcome.code}): ${outcome.message ?? ''}`;
        return withError(redirectUri, 'access_denied', ended);
      case 'failed':
        throw outcome.error;
      case 'passed':
      case 'missing':
        return FEATURE_OFF;
    }
  }

  /** Why it does not fit, for the log. */
  private begunLogin({ exchange, kind, query, place }: Visit): BegunLogin | string {
    const [state = '', ...others] = query.getAll('state');
    if (state === '' || others.length > 0) return 'there is no state, or more than one';
    const text = loginCookiesIn(headerValue(exchange.headers, 'cookie')).get(loginCookieName(state));
    if (text === undefined) return 'no cookie of this browser is of that state';
    const login = this.parts.states.open(text, kind.loginKeys, place);
    if (login === null) return 'the cookie cannot be read, is of another channel, or too old';
    return isState(state, login.state) ? login : 'the state is not that of the cookie';
  }

  private async loggedIn(run: FlowRun, redirectUri: string, ended: readonly string[]): Promise<Refusal | Answer> {
    const { kind, exchange } = run;
    const done = await this.parts.login.complete(run);
    if (done.kind === 'loggedIn') {
      const headers = cookieHeaders(done.tokens, { kind, asCookies: true, csrf: this.parts.csrf });
      throwUnlessKept(headers);
      return redirect(redirectUri, [...ended, ...headers]);
    }
    if (done.kind === 'answer' && done.status >= 500) return done;
    // A step of a longer login needs a page that asks for more, and there is none here.
    const isStep = done.kind === 'answer' && done.status < 300;
    exchange.cause ??= isStep ? 'the channel asks for a further step' : 'the channel refuses the login';
    return withError(redirectUri, isStep ? 'interaction_required' : 'access_denied', ended);
  }
}

/** As a login with cookie=true, without anything that the request itself brings. */
function loginRun({ exchange, path, kind }: Visit, { remembers }: BegunLogin): FlowRun {
  const query = new URLSearchParams({ cookie: 'true', remember: String(remembers) });
  const { channel, type } = path;
  return new FlowRun({ exchange, action: 'login', type, channel, kind, credentials: NO_CREDENTIALS, query });
}
