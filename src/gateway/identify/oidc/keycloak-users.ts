import { ResponseBodyError } from 'oauth4webapi';
import { GatewayError } from '../../../errors/gateway.error.js';
import type { JsonObject } from '../provider/json-members.js';
import type { ProviderOutcome, ProviderRequest } from '../provider/provider-client.js';
import { statusFailure } from '../provider/server-failure.js';
import { withoutSecrets } from '../provider/without-secrets.js';
import type { ApiCall, IssuerSession } from './issuer-session.js';
import { answered } from './oidc-answer.js';
import { failed } from './oidc-failure.js';
import type { OidcRules } from './oidc-rules.js';
import type { ServiceAccounts } from './service-accounts.js';

/** A user of the realm. */
export interface RealmUser {
  /** Its id there, which is the subject of its tokens. */
  readonly id: string;
  readonly username: string | null;
}

/** The whole of a user's name at the realm: nothing else of what a client sends is written there. */
const PROFILE = ['username', 'email', 'firstName', 'lastName'] as const;
const ID = /^[\w-]{1,64}$/;
const ACTION = /^[A-Za-z_-]{1,64}$/;
const MOST_ACTIONS = 10;
const LONGEST_MESSAGE = 500;

/**
 * Users of a Keycloak, by its admin REST API and this client's own service account, which needs the roles manage-users and view-users of
 * realm-management. Who is changed is said by a token that was checked, never by what a client sends.
 */
export class KeycloakUsers {
  constructor(private readonly accounts: ServiceAccounts) {}

  /** Makes a user with a password and the roles of the record. Null: it is there now. */
  async register(rules: OidcRules, { auth }: ProviderRequest, session: IssuerSession): Promise<ProviderOutcome | null> {
    const profile = Object.fromEntries(PROFILE.flatMap((name) => (auth.has(name) ? [[name, auth.get(name)]] : [])));
    const password = auth.get('password');
    if (!auth.has('username') || password === undefined)
      return passed(400, 'a registration needs username and password');
    const credentials = [{ type: 'password', value: password, temporary: false }];
    const url = `${rules.adminUrl}/users`;
    const json = { ...profile, enabled: true, credentials };
    const made = await this.request(rules, session, { method: 'POST', url, json });
    if (made.status !== 201) return refusal(made, auth);
    const id = made.headers.get('location')?.split('/').at(-1) ?? '';
    if (!ID.test(id)) throw new GatewayError('ANSWER_UNREADABLE', { cause: 'the server does not say whom it made' });
    if (rules.newUserRoles.length > 0) await this.giveRoles(rules, id, session);
    return null;
  }

  async remove(rules: OidcRules, { id }: RealmUser, session: IssuerSession): Promise<ProviderOutcome> {
    const gone = await this.request(rules, session, { method: 'DELETE', url: userUrl(rules, id) });
    // Who is not there any more is deleted.
    return gone.status === 204 || gone.status === 404 ? answered({}, null, null, null) : refusal(gone, new Map());
  }

  /** `{action: updatePassword, password, newPassword}` or `{action: executeActionsEmail, actions}`. */
  async custom(
    rules: OidcRules,
    user: RealmUser,
    { auth, bodyText }: ProviderRequest,
    session: IssuerSession,
  ): Promise<ProviderOutcome> {
    switch (auth.get('action')) {
      case 'updatePassword':
        return this.updatePassword(rules, user, auth, session);
      case 'executeActionsEmail':
        return this.executeActions(rules, user, bodyText, session);
      case undefined:
      default:
        return passed(400, 'action is updatePassword or executeActionsEmail');
    }
  }

  /** Only with the password in force: a token that was stolen must not become an account that was. */
  private async updatePassword(
    rules: OidcRules,
    { id, username }: RealmUser,
    auth: ReadonlyMap<string, string>,
    session: IssuerSession,
  ): Promise<ProviderOutcome> {
    const [password, newPassword] = [auth.get('password'), auth.get('newPassword')];
    if (password === undefined || newPassword === undefined || username === null)
      return passed(400, 'an update of the password needs password and newPassword');
    if (!(await isPassword(username, password, session))) return passed(400, 'the password is wrong');
    const json = { type: 'password', value: newPassword, temporary: false };
    const url = `${userUrl(rules, id)}/reset-password`;
    const done = await this.request(rules, session, { method: 'PUT', url, json });
    return done.status === 204 ? answered({}, null, null, null) : refusal(done, auth);
  }

  private async executeActions(
    rules: OidcRules,
    { id }: RealmUser,
    bodyText: string,
    session: IssuerSession,
  ): Promise<ProviderOutcome> {
    const actions = actionsIn(bodyText);
    if (actions === null) return passed(400, `actions is a list of 1 to ${MOST_ACTIONS} names, such as VERIFY_EMAIL`);
    const url = `${userUrl(rules, id)}/execute-actions-email?client_id=${encodeURIComponent(rules.clientId)}`;
    const done = await this.request(rules, session, { method: 'PUT', url, json: actions });
    return done.status === 204 ? answered({}, null, null, null) : refusal(done, new Map());
  }

  /** A user without the roles is none: it goes again. */
  private async giveRoles(rules: OidcRules, id: string, session: IssuerSession): Promise<void> {
    const url = `${userUrl(rules, id)}/role-mappings/realm`;
    try {
      const listed = await this.request(rules, session, { method: 'GET', url: `${url}/available` });
      if (listed.status !== 200) throw statusFailure(listed.status);
      const roles = rolesNamed(rules.newUserRoles, await listed.json());
      const given = await this.request(rules, session, { method: 'POST', url, json: roles });
      if (given.status !== 204) throw statusFailure(given.status);
    } catch (error) {
      await this.request(rules, session, { method: 'DELETE', url: userUrl(rules, id) }).catch(() => undefined);
      throw error;
    }
  }

  /** By the service account; once more with a new token where the server takes the one at hand no longer. */
  private async request(rules: OidcRules, session: IssuerSession, call: ApiCall): Promise<Response> {
    const token = await session.waitFor(this.accounts.token(rules));
    const answer = await session.request(token, call);
    if (answer.status !== 401) return answer;
    this.accounts.refused(rules, token);
    const next = await session.waitFor(this.accounts.token(rules));
    return next === token ? answer : session.request(next, call);
  }
}

function userUrl({ adminUrl }: OidcRules, id: string): string {
  return `${adminUrl}/users/${encodeURIComponent(id)}`;
}

async function isPassword(username: string, password: string, session: IssuerSession): Promise<boolean> {
  try {
    const { refresh_token } = await session.byPassword(username, password, undefined);
    // The login was a question: it ends at once, and where it does not it runs out.
    if (refresh_token !== undefined && session.canRevoke)
      await session.revoke(refresh_token, 'refresh_token').catch(() => undefined);
    return true;
  } catch (error) {
    if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return false;
    throw error;
  }
}

function actionsIn(bodyText: string): readonly string[] | null {
  const { actions } = JSON.parse(bodyText === '' ? '{}' : bodyText) as { readonly actions?: unknown };
  const list: readonly unknown[] = Array.isArray(actions) ? actions : [];
  const named = list.filter((action): action is string => typeof action === 'string' && ACTION.test(action));
  return list.length >= 1 && list.length <= MOST_ACTIONS && named.length === list.length ? named : null;
}

interface RealmRole {
  readonly id: string;
  readonly name: string;
}

function rolesNamed(names: readonly string[], available: unknown): readonly RealmRole[] {
  const list = (Array.isArray(available) ? available : []) as readonly Partial<RealmRole>[];
  return names.map((wanted) => {
    const { id, name } = list.find((role) => role.name === wanted) ?? {};
    if (id === undefined || name === undefined)
      throw new GatewayError('BACKEND_FAILED', {
        cause: `new users cannot get role ${wanted}: the realm has none, or the service account may not give it`,
      });
    return { id, name };
  });
}

function passed(status: 400 | 409, message: string): ProviderOutcome {
  return { kind: 'passed', status, code: status, message, safePayload: null };
}

/** 400 and 409 are the client's own mistakes; all else is between the gateway and the server. */
async function refusal(answer: Response, sent: ReadonlyMap<string, string>): Promise<ProviderOutcome> {
  const { status } = answer;
  if (status === 400 || status === 409) return passed(status, withoutSecrets(await messageOf(answer), sent));
  if (status === 401 || status === 403)
    return failed(
      new GatewayError('BACKEND_FAILED', {
        cause: `the realm refuses the service account (${status}): it needs manage-users and view-users`,
      }),
    );
  return failed(statusFailure(status));
}

async function messageOf(answer: Response): Promise<string> {
  const said = (await answer.json().catch(() => null)) as JsonObject | null;
  const message = said?.['errorMessage'] ?? said?.['error_description'] ?? said?.['error'];
  return typeof message === 'string' ? message.slice(0, LONGEST_MESSAGE) : 'the realm refuses this';
}
