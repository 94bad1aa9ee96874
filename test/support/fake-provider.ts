import { hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { sendJson, type SeenRequest } from './backend.js';
import { FakeIssuer } from './fake-issuer.js';

type Members = Readonly<Record<string, unknown>>;

/** A message to the provider, read. */
export interface SeenMessage {
  readonly path: string;
  readonly form: Readonly<Record<string, string>>;
  /** `id:secret` of Authorization: Basic, or what it is otherwise. */
  readonly client: string;
}

/** An answer: members with status 200, a status with members, or whatever a test writes itself. */
export type Told = Members | readonly [status: number, body: Members] | ((response: ServerResponse) => void);
export type Script = (message: SeenMessage) => Told | Promise<Told>;

export const CLIENT = { clientId: 'gateway', clientSecret: 'gateway-secret-1' };
const OUR_CLIENT = `${CLIENT.clientId}:${CLIENT.clientSecret}`;

/**
 * A strict OpenID Connect provider: it knows one client and what RFC 6749, 7009, 7636 and 7662 say, and answers 400 `unplanned` to all
 * else, which is kept. A test changes its answers one by one.
 */
export class FakeProvider {
  readonly seen: SeenMessage[] = [];
  readonly unplanned: string[] = [];
  /** In the place of what the path answers. */
  readonly scripts = new Map<string, Script>();
  /** Claims of its access and id tokens, over what they have. */
  claims: Members = {};
  idClaims: Members = {};
  /** Nonce and challenge by code. */
  readonly codes = new Map<string, { readonly nonce: string; readonly challenge: string }>();
  /** Whether its client may come without a secret. */
  takesPublic = false;
  private serial = 0;
  private readonly live = new Set<string>();

  private constructor(readonly issuer: FakeIssuer) {}

  static async start(path = '/main'): Promise<FakeProvider> {
    const issuer = await FakeIssuer.start({ path });
    const provider = new FakeProvider(issuer);
    provider.reset();
    return provider;
  }

  /** As it was at first. */
  reset(): void {
    const { issuer } = this;
    this.seen.length = 0;
    this.unplanned.length = 0;
    this.scripts.clear();
    this.takesPublic = false;
    this.claims = {};
    this.idClaims = {};
    issuer.fault = null;
    issuer.delayMs = 0;
    issuer.document = Object.fromEntries(
      ['userinfo', 'introspection', 'revocation', 'end_session'].map((name) => [
        `${name}_endpoint`,
        `${issuer.issuer}/${name}`,
      ]),
    );
    for (const path of ['/token', '/introspection', '/revocation', '/userinfo'])
      issuer.on(path, (request, response) => void this.take(path, request, response));
  }

  asked(path: string): SeenMessage[] {
    return this.seen.filter((each) => each.path === path);
  }

  /** Access token of somebody, known here. */
  async accessToken(claims: Members = {}): Promise<string> {
    const token = await this.issuer.token({
      aud: CLIENT.clientId,
      jti: `a${++this.serial}`,
      ...this.claims,
      ...claims,
    });
    this.live.add(token);
    return token;
  }

  idToken(claims: Members = {}): Promise<string> {
    return this.issuer.token({ aud: CLIENT.clientId, jti: `i${++this.serial}`, ...this.idClaims, ...claims });
  }

  /** The answer of a token endpoint. */
  async tokens(claims: Members = {}, nonce?: string): Promise<Members> {
    const refreshToken = `refresh-${++this.serial}`;
    this.live.add(refreshToken);
    return {
      ...{ access_token: await this.accessToken(claims), token_type: 'Bearer', expires_in: 300 },
      ...{ refresh_token: refreshToken, refresh_expires_in: 1800 },
      id_token: await this.idToken({ ...claims, ...(nonce === undefined ? {} : { nonce }) }),
    };
  }

  revoke(token: string): void {
    this.live.delete(token);
  }

  private async take(path: string, request: SeenRequest, response: ServerResponse): Promise<void> {
    const { authorization = '' } = request.headers;
    const client = authorization.startsWith('Basic ')
      ? decodeURIComponent(Buffer.from(authorization.slice(6), 'base64').toString())
      : authorization;
    const message = { path, form: Object.fromEntries(new URLSearchParams(request.body)), client };
    this.seen.push(message);
    const told = await (this.scripts.get(path) ?? ((each) => this.answer(each)))(message);
    if (typeof told === 'function') return told(response);
    const [status, body] = isPair(told) ? told : [200, told];
    sendJson(response, JSON.stringify(body), status);
  }

  private answer(message: SeenMessage): Told | Promise<Told> {
    const { path, client, form } = message;
    if (path === '/userinfo') return this.userinfo(client.replace(/^Bearer /, ''));
    if (path === '/token' && form['grant_type'] === 'client_credentials') return this.machine(client);
    const isPublic = this.takesPublic && client === '' && form['client_id'] === CLIENT.clientId;
    if (client !== OUR_CLIENT && !isPublic) return [401, { error: 'invalid_client' }];
    switch (path) {
      case '/token':
        return this.grant(message);
      case '/introspection':
        return this.live.has(form['token']!) ? { active: true, ...claimsOf(form['token']!) } : { active: false };
      case '/revocation':
        this.revoke(form['token']!);
        return {};
      default:
        return this.unknown(message);
    }
  }

  private grant(message: SeenMessage): Told | Promise<Told> {
    const { form } = message;
    switch (form['grant_type']) {
      case 'password':
        return form['username'] === 'ada' && form['password'] === 'lovelace'
          ? this.tokens({ sub: 'ada' })
          : [
              400,
              {
                error: 'invalid_grant',
                error_description: `not the password of ${form['username']}: ${form['password']}`,
              },
            ];
      case 'refresh_token':
        if (!this.live.delete(form['refresh_token']!)) return [400, { error: 'invalid_grant' }];
        return this.tokens({ sub: 'ada' });
      case 'authorization_code': {
        const begun = this.codes.get(form['code']!);
        this.codes.delete(form['code']!);
        const isVerified = hash('sha256', form['code_verifier'] ?? '', 'base64url') === begun?.challenge;
        return begun !== undefined && isVerified
          ? this.tokens({ sub: 'ada' }, begun.nonce)
          : [400, { error: 'invalid_grant' }];
      }
      case undefined:
      default:
        return this.unknown(message);
    }
  }

  private async machine(client: string): Promise<Told> {
    if (client !== 'robot:robot-secret-1' && client !== OUR_CLIENT) return [401, { error: 'invalid_client' }];
    const [id] = client.split(':');
    return {
      access_token: await this.accessToken({ sub: undefined, client_id: id }),
      token_type: 'Bearer',
      expires_in: 300,
    };
  }

  private userinfo(token: string): Told {
    if (!this.live.has(token)) return [401, { error: 'invalid_token' }];
    return { sub: 'ada', email: 'ada@example.org', groups: ['clerk'] };
  }

  private unknown({ path, form }: SeenMessage): Told {
    this.unplanned.push(`${path} ${form['grant_type'] ?? ''}`);
    return [400, { error: 'unplanned' }];
  }
}

function isPair(told: Exclude<Told, (response: ServerResponse) => void>): told is readonly [number, Members] {
  return Array.isArray(told);
}

function claimsOf(token: string): Members {
  const [, body] = token.split('.');
  return body === undefined ? { sub: 'ada' } : (JSON.parse(Buffer.from(body, 'base64url').toString()) as Members);
}
