import { Field } from '../../components/field.decorator.js';
import { ClaimDto } from './claim.dto.js';

export class SecretKeyDto {
  @Field({ type: 'string', doc: 'Id of the key in the header of a token.' })
  readonly kid?: string;

  @Field({ type: 'string', required: true, minLength: 1, secret: true, doc: 'The key: text, `base64:…`, PEM or JWK.' })
  readonly secret: string;
}

const PATH = { type: 'string', pattern: /^\/[\x21-\x3a\x3c-\x7e]*$/, expected: 'a path that begins with /' } as const;

export class CookieDto {
  @Field({
    type: 'string',
    pattern: /^\.?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/,
    expected: 'a domain',
    doc: 'Domain of the cookies.',
  })
  readonly domain?: string;

  @Field({
    type: 'string',
    pattern: /^(?:[Ss]trict|[Ll]ax|[Nn]one|STRICT|LAX|NONE)$/,
    expected: 'Strict, Lax or None',
    doc: 'SameSite of the cookies.',
  })
  readonly sameSite?: string;

  @Field({ ...PATH, doc: 'Path of the token cookie (default /api).' })
  readonly path?: string;

  @Field({ ...PATH, doc: 'Path of the refresh cookie (default /api/auth/refresh).' })
  readonly refreshPath?: string;

  @Field({ type: 'boolean', doc: 'Whether scripts cannot read the cookies.' })
  readonly httpOnly?: boolean;

  @Field({ type: 'boolean', doc: 'Whether the cookies travel over TLS only.' })
  readonly secure?: boolean;
}

export class ProviderDto {
  @Field({ type: 'string', doc: 'Channel of the authentication server.' })
  readonly channel?: string;

  @Field({
    type: { map: 'string' },
    doc: 'Paths by action: register, login, validate, resolve, refresh, logout, delete, resolveKey, custom, forward.',
  })
  readonly urls?: Readonly<Record<string, string>>;

  @Field({ type: 'integer', min: 1, doc: 'Milliseconds that one call may take (default 10000).' })
  readonly timeout?: number;

  @Field({ type: 'string', doc: '`oidc` for an external identity provider; missing for one behind a channel.' })
  readonly type?: string;

  @Field({ type: 'string', doc: 'Issuer of an external identity provider.' })
  readonly issuer?: string;

  @Field({ type: 'string', doc: 'Client id at an external identity provider.' })
  readonly clientId?: string;

  @Field({ type: 'string', secret: true, doc: 'Client secret at an external identity provider.' })
  readonly clientSecret?: string;

  @Field({ type: ['string', { list: 'string' }], doc: 'Scopes that are asked for.' })
  readonly scopes?: string | readonly string[];

  @Field({ type: 'string', doc: 'Where the roles stand in an external access token.' })
  readonly rolesPath?: string;

  @Field({ type: { list: 'string' }, doc: 'Addresses that a browser may be sent back to.' })
  readonly redirectUris?: readonly string[];

  @Field({
    type: ['string', { list: 'string' }],
    doc: 'Roles that new users get at an external identity provider, as a list or with commas.',
  })
  readonly roles?: string | readonly string[];
}

export class SessionDto {
  @Field({ type: 'string', doc: 'Channel of the session server.' })
  readonly channel?: string;

  @Field({ type: { map: 'string' }, doc: 'Paths by action: touch, extend, extendList, stitch, expire.' })
  readonly urls?: Readonly<Record<string, string>>;

  @Field({ type: 'integer', min: 1, doc: 'Extensions that are kept at most before they are sent (default 1000).' })
  readonly bufferSize?: number;

  @Field({ type: 'integer', min: 1, doc: 'Milliseconds that an extension is kept at most (default 5000).' })
  readonly bufferMs?: number;

  @Field({ type: 'integer', min: 1, doc: 'Extensions in one call (default 100).' })
  readonly batchSize?: number;
}

export class ExternalDto {
  @Field({
    type: 'string',
    required: true,
    minLength: 1,
    doc: 'Issuer whose access tokens are accepted, as their iss has it.',
  })
  readonly issuer: string;

  @Field({
    type: { list: 'string' },
    doc: 'Audiences that a token must be meant for, any one of them. Without one the record is at fault.',
  })
  readonly audience?: readonly string[];

  @Field({ type: 'string', doc: "Where the issuer's keys are; without it they are discovered." })
  readonly jwksUri?: string;

  @Field({
    type: 'string',
    doc: 'JSON path to the roles in the token (default roles, of a Keycloak realm_access.roles).',
  })
  readonly rolesPath?: string;

  @Field({
    type: { list: () => ClaimDto },
    doc: "Claims of these tokens; they stand for the record's. Sources are paths over `access`, the token's claims, and `user`.",
  })
  readonly claims?: readonly ClaimDto[];
}
