import type { AuthorizationServer } from 'oauth4webapi';
import type { Cancellation } from '../../../contracts/executor.js';
import type { IssuerDirectory } from '../issuers/issuer.js';
import { NOBODY } from '../provider/bounded-call.js';
import type { ProviderOutcome, ProviderRequest } from '../provider/provider-client.js';
import { authorizationResponse, UnfitReturn } from './authorization-response.js';
import { IssuerSession, type CodeGrant } from './issuer-session.js';
import { KeycloakUsers } from './keycloak-users.js';
import { logOut } from './log-out.js';
import { answered } from './oidc-answer.js';
import { OidcCall } from './oidc-call.js';
import { failedOutcome, refusalCode, refusedOutcome } from './oidc-failure.js';
import type { OidcFetch } from './oidc-http.js';
import type { OidcRules } from './oidc-rules.js';
import { NO_ACCESS_TOKEN, NO_TOKEN, OidcTokens } from './oidc-tokens.js';
import { oidcUser } from './oidc-user.js';
import { ServiceAccounts } from './service-accounts.js';

export interface OidcClientParts {
  readonly http: OidcFetch;
  readonly issuers: IssuerDirectory;
  /** Bytes of an answer (codecs.memory.maxSize). */
  readonly maxAnswerBytes: number;
  /** Epoch ms. */
  readonly now: () => number;
}

export interface CallLimits {
  /** Of the whole call. */
  readonly timeoutMs: number;
  readonly cancellation: Cancellation;
}

/** How a browser came back from the provider. */
export interface BrowserReturn extends Omit<CodeGrant, 'parameters'> {
  readonly query: URLSearchParams;
  readonly state: string;
}

export type CodeOutcome =
  | ProviderOutcome
  /** The provider sent the browser back without a code. The error may be shown. */
  | { readonly kind: 'denied'; readonly error: string }
  /** See UnfitReturn. */
  | { readonly kind: 'unfit' };

/** An answer needs no more than that, and a provider may be anybody's. */
const MOST_BYTES = 1_048_576;
/** Of a service account's token, which no caller waits for alone. */
const ACCOUNT_MS = 10_000;
const MISSING: ProviderOutcome = Object.freeze({ kind: 'missing' });
const NO_CREDENTIALS = refusedOutcome(401, 'neither username nor client_id and client_secret came');

/**
 * Asks OpenID Connect providers (spec/identity.md, "External identity providers"). Like ProviderClient it never tries again, never
 * throws, and says nothing of credentials.
 */
export class OidcClient {
  private readonly tokens: OidcTokens;
  private readonly users: KeycloakUsers;

  constructor(private readonly parts: OidcClientParts) {
    const { issuers, now } = parts;
    this.tokens = new OidcTokens(issuers, now);
    const limits = { timeoutMs: ACCOUNT_MS, cancellation: NOBODY };
    const ask = (rules: OidcRules) => this.within(rules, limits, (session) => session.byClientCredentials(null));
    this.users = new KeycloakUsers(new ServiceAccounts(ask, now));
  }

  async call(rules: OidcRules, request: ProviderRequest, limits: CallLimits): Promise<ProviderOutcome> {
    const { auth, action } = request;
    const isClientsOwn = action === 'login' && !auth.has('username');
    const secrets = rules.clientSecret === null ? auth : new Map([...auth, ['our client_secret', rules.clientSecret]]);
    try {
      return await this.within(rules, limits, (session) => this.act(rules, request, session));
    } catch (error) {
      return failedOutcome(error, { secrets, isClientsOwn });
    }
  }

  /** What the issuer says of itself, such as where a browser logs in. @throws GatewayError, IssuerAway */
  server(rules: OidcRules, limits: CallLimits): Promise<AuthorizationServer> {
    return this.within(rules, limits, ({ server }) => Promise.resolve(server));
  }

  /** Exchanges the code that a browser brings. */
  async codeReturned(rules: OidcRules, back: BrowserReturn, limits: CallLimits): Promise<CodeOutcome> {
    const { query, state, ...grant } = back;
    const secrets = new Map([...query, ['verifier', grant.verifier], ['our client_secret', rules.clientSecret ?? '']]);
    try {
      return await this.within(rules, limits, async (session) => {
        const parameters = authorizationResponse(session.server, rules, { query, state });
        return this.tokens.told(rules, await session.byCode({ ...grant, parameters }), session);
      });
    } catch (error) {
      const denied = refusalCode(error);
      if (denied !== null) return { kind: 'denied', error: denied };
      return error instanceof UnfitReturn ? { kind: 'unfit' } : failedOutcome(error, { secrets, isClientsOwn: false });
    }
  }

  private async within<T>(
    rules: OidcRules,
    { timeoutMs, cancellation }: CallLimits,
    work: (session: IssuerSession) => Promise<T>,
  ): Promise<T> {
    const { http, issuers, maxAnswerBytes } = this.parts;
    const maxBytes = Math.min(MOST_BYTES, maxAnswerBytes);
    const call = new OidcCall(http, rules, { timeoutMs, cancellation, maxBytes });
    try {
      const { document } = await call.waitFor(issuers.of(rules.place).metadata());
      return await work(new IssuerSession(document as unknown as AuthorizationServer, rules, call));
    } finally {
      call.end();
    }
  }

  private async act(rules: OidcRules, request: ProviderRequest, session: IssuerSession): Promise<ProviderOutcome> {
    const { action, auth } = request;
    switch (action) {
      case 'login':
        return this.logIn(rules, request, session);
      case 'refresh': {
        const token = auth.get('refresh_token');
        if (token === undefined) return NO_TOKEN;
        return this.tokens.told(rules, await session.byRefreshToken(token), session);
      }
      case 'resolve':
        return this.tokens.resolve(rules, auth, session);
      case 'validate':
        return this.tokens.validate(rules, auth, session);
      case 'logout':
        return logOut(rules, auth, session);
      case 'register':
        return rules.adminUrl === null ? MISSING : this.register(rules, request, session);
      case 'delete':
      case 'custom':
        return rules.adminUrl === null ? MISSING : this.change(rules, request, session);
      case 'resolveKey':
      case 'forward':
        return MISSING;
    }
  }

  private async logIn(rules: OidcRules, { auth }: ProviderRequest, session: IssuerSession): Promise<ProviderOutcome> {
    const [username, id, secret] = ['username', 'client_id', 'client_secret'].map((name) => auth.get(name));
    if (username === undefined && (id === undefined || secret === undefined)) return NO_CREDENTIALS;
    const tokens =
      username === undefined
        ? await session.byClientCredentials({ id: id!, secret: secret! })
        : await session.byPassword(username, auth.get('password') ?? '', auth.get('otp'));
    return this.tokens.told(rules, tokens, session);
  }

  /** The new user is logged in, where the server lets it: it may want an e-mail address verified first. */
  private async register(rules: OidcRules, request: ProviderRequest, session: IssuerSession): Promise<ProviderOutcome> {
    const refused = await this.users.register(rules, request, session);
    if (refused !== null) return refused;
    try {
      return await this.logIn(rules, request, session);
    } catch {
      // The user exists: an error would make the client try again, and be told so.
      return answered({ user: { username: request.auth.get('username') }, skipToken: true }, null, null, null);
    }
  }

  private async change(rules: OidcRules, request: ProviderRequest, session: IssuerSession): Promise<ProviderOutcome> {
    const { action, auth } = request;
    let found = await this.tokens.accessOf(rules, auth.get('access_token'), session);
    const refreshToken = auth.get('refresh_token');
    // An access token lives minutes; who deletes the account has a login that lasts longer.
    if (found.kind === 'refused' && action === 'delete' && refreshToken !== undefined)
      found = await this.tokens.accessOf(rules, (await session.byRefreshToken(refreshToken)).access_token, session);
    if (found.kind !== 'claims') return found;
    const id = oidcUser({ access: found.claims, id: null, userinfo: null }, rules.rolesPath)?.['id'];
    if (typeof id !== 'string') return NO_ACCESS_TOKEN;
    const { preferred_username: username } = found.claims;
    const user = { id, username: typeof username === 'string' ? username : null };
    return action === 'delete'
      ? this.users.remove(rules, user, session)
      : this.users.custom(rules, user, request, session);
  }
}
