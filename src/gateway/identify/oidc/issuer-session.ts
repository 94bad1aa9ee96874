import {
  ClientSecretBasic,
  ClientSecretPost,
  None,
  authorizationCodeGrantRequest,
  clientCredentialsGrantRequest,
  genericTokenEndpointRequest,
  introspectionRequest,
  processAuthorizationCodeResponse,
  processClientCredentialsResponse,
  processGenericTokenEndpointResponse,
  processIntrospectionResponse,
  processRefreshTokenResponse,
  processRevocationResponse,
  processUserInfoResponse,
  protectedResourceRequest,
  refreshTokenGrantRequest,
  revocationRequest,
  skipSubjectCheck,
  userInfoRequest,
  type AuthorizationServer,
  type Client,
  type ClientAuth,
  type TokenEndpointResponse,
} from 'oauth4webapi';
import type { JsonObject } from '../provider/json-members.js';
import type { OidcCall } from './oidc-call.js';
import type { OidcRules } from './oidc-rules.js';

/** Credentials of a client: those of the record, or those that a machine brings. */
export interface ClientCredentials {
  readonly id: string;
  readonly secret: string;
}

export interface ApiCall {
  readonly method: string;
  readonly url: string;
  readonly json?: unknown;
}

export interface CodeGrant {
  /** What validateAuthResponse gave. */
  readonly parameters: URLSearchParams;
  readonly redirectUri: string;
  readonly verifier: string;
  readonly nonce: string;
}

/** The messages of one call to one issuer, by oauth4webapi. Each throws what the library does, or a GatewayError. */
export class IssuerSession {
  private readonly auth: ClientAuth;

  constructor(
    readonly server: AuthorizationServer,
    private readonly rules: OidcRules,
    private readonly call: OidcCall,
  ) {
    this.auth = rules.clientSecret === null ? None() : clientAuth(server, rules.clientSecret);
  }

  /** Waits no longer than the call may. @throws GatewayError */
  waitFor<T>(work: T | Promise<T>): Promise<T> {
    return this.call.waitFor(work);
  }

  /** @param otp a second factor that the server asks for, if any */
  async byPassword(username: string, password: string, otp: string | undefined): Promise<TokenEndpointResponse> {
    const { client, scope } = this.rules;
    const form = { username, password, scope, ...(otp === undefined ? {} : { otp }) };
    const { options } = this.call;
    const response = await genericTokenEndpointRequest(this.server, client, this.auth, 'password', form, options);
    return processGenericTokenEndpointResponse(this.server, client, response);
  }

  /** By the record's own client where no other is given. */
  async byClientCredentials(other: ClientCredentials | null): Promise<TokenEndpointResponse> {
    const { clientScope } = this.rules;
    const client: Client = other === null ? this.rules.client : { ...this.rules.client, client_id: other.id };
    const auth = other === null ? this.auth : clientAuth(this.server, other.secret);
    const form: Record<string, string> = clientScope === null ? {} : { scope: clientScope };
    const response = await clientCredentialsGrantRequest(this.server, client, auth, form, this.call.options);
    return processClientCredentialsResponse(this.server, client, response);
  }

  async byRefreshToken(token: string): Promise<TokenEndpointResponse> {
    const { client } = this.rules;
    const response = await refreshTokenGrantRequest(this.server, client, this.auth, token, this.call.options);
    return processRefreshTokenResponse(this.server, client, response);
  }

  async byCode({ parameters, redirectUri, verifier, nonce }: CodeGrant): Promise<TokenEndpointResponse> {
    const { client } = this.rules;
    const response = await authorizationCodeGrantRequest(
      ...([this.server, client, this.auth, parameters, redirectUri, verifier, this.call.options] as const),
    );
    const expected = { expectedNonce: nonce, requireIdToken: true };
    return processAuthorizationCodeResponse(this.server, client, response, expected);
  }

  /** Whether the server can be asked about access tokens by this client. */
  get canIntrospect(): boolean {
    return this.server.introspection_endpoint !== undefined && this.rules.clientSecret !== null;
  }

  /** What the server says of a token; null: it does not hold. */
  async introspect(token: string): Promise<JsonObject | null> {
    const options = { ...this.call.options, additionalParameters: { token_type_hint: 'access_token' } };
    const response = await introspectionRequest(this.server, this.rules.client, this.auth, token, options);
    const said = await processIntrospectionResponse(this.server, this.rules.client, response);
    return said.active ? said : null;
  }

  get hasUserinfo(): boolean {
    return this.server.userinfo_endpoint !== undefined;
  }

  /** @param subject whom the answer must be about; null: whoever the token is of */
  async userinfo(accessToken: string, subject: string | null): Promise<JsonObject> {
    const response = await userInfoRequest(this.server, this.rules.client, accessToken, this.call.options);
    const expected = subject ?? skipSubjectCheck;
    return await processUserInfoResponse(this.server, this.rules.client, expected, response);
  }

  /** A call of an API of the server's own, with a token. The caller looks at the status. */
  request(token: string, { method, url, json }: ApiCall): Promise<Response> {
    const headers = new Headers({ accept: 'application/json' });
    if (json !== undefined) headers.set('content-type', 'application/json');
    const body = json === undefined ? null : JSON.stringify(json);
    return protectedResourceRequest(token, method, new URL(url), headers, body, this.call.options);
  }

  get canRevoke(): boolean {
    return this.server.revocation_endpoint !== undefined;
  }

  async revoke(token: string, hint: 'refresh_token' | 'access_token'): Promise<void> {
    const options = { ...this.call.options, additionalParameters: { token_type_hint: hint } };
    await processRevocationResponse(await revocationRequest(this.server, this.rules.client, this.auth, token, options));
  }
}

/** Basic (RFC 6749, 2.3.1) unless the server names its ways and that is none of them. */
function clientAuth({ token_endpoint_auth_methods_supported: ways }: AuthorizationServer, secret: string): ClientAuth {
  const takesBasic = ways === undefined || ways.includes('client_secret_basic');
  return takesBasic || !ways.includes('client_secret_post') ? ClientSecretBasic(secret) : ClientSecretPost(secret);
}
