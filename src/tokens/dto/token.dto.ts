import type { TokenRecord } from '../../contracts/records.js';
import { ComponentDto } from '../../components/dto/component.dto.js';
import { Field } from '../../components/field.decorator.js';
import { ClaimDto } from './claim.dto.js';
import { CookieDto, ExternalDto, ProviderDto, SecretKeyDto, SessionDto } from './token-parts.dto.js';

const SECRETS = { type: ['string', { list: () => SecretKeyDto }], secret: true } as const;

/** A kind of token that the gateway issues and accepts. */
export class TokenDto extends ComponentDto implements TokenRecord {
  @Field({ type: 'boolean', doc: 'Whether a missing or bad token lets the call go on without it (default false).' })
  readonly canIgnore?: boolean;

  @Field({ type: 'string', doc: 'Name of the token in headers, cookies and answers (default gateway_token).' })
  readonly tokenName?: string;

  @Field({
    type: 'string',
    secret: false,
    doc: 'Authorization scheme or header that carries an API key instead.',
  })
  readonly apiKeyName?: string;

  @Field({ type: 'integer', min: 1, doc: 'Seconds until a token expires (default 3600).' })
  readonly expiration?: number;

  @Field({
    type: 'integer',
    min: 0,
    doc: 'Seconds after expiry in which a refresh token still serves the call (default 0).',
  })
  readonly gracePeriod?: number;

  @Field({
    type: 'integer',
    min: 1,
    doc: 'Seconds of life of a refresh token with remember=true.',
  })
  readonly longExpiration?: number;

  @Field({ ...SECRETS, doc: 'Key or keys of the signature: the first signs, all verify.' })
  readonly signingSecret?: string | readonly SecretKeyDto[];

  @Field({
    type: 'string',
    pattern: /^(?:HS(?:256|384|512)|RS(?:256|384|512)|PS(?:256|384|512)|ES(?:256|384|512)|EdDSA)$/,
    expected: 'HS256/384/512, RS…, PS…, ES… or EdDSA',
    doc: 'Algorithm of the signature (default HS512).',
  })
  readonly signingAlgorithm?: string;

  @Field({ ...SECRETS, doc: 'Key or keys of the encryption: the first encrypts, all decrypt.' })
  readonly encryptionSecret?: string | readonly SecretKeyDto[];

  @Field({ type: 'string', secret: false, doc: 'Algorithm that the key is for (default AES).' })
  readonly encryptionKeyAlgorithm?: string;

  @Field({
    type: 'string',
    pattern: /^(?:A(?:128|192|256)(?:GCM)?KW|dir|RSA-OAEP(?:-(?:256|384|512))?|ECDH-ES(?:\+A(?:128|192|256)KW)?)$/,
    expected: 'A128KW to A256KW, A…GCMKW, dir, RSA-OAEP… or ECDH-ES…',
    doc: 'How the content key is encrypted (default A256KW).',
  })
  readonly encryptionAlgorithm?: string;

  @Field({
    type: 'string',
    pattern: /^(?:A(?:128|192|256)GCM|A128CBC-HS256|A192CBC-HS384|A256CBC-HS512)$/,
    expected: 'A128GCM to A256GCM or A…CBC-HS…',
    doc: 'How the content is encrypted (default A256GCM).',
  })
  readonly encryptionMethod?: string;

  @Field({
    type: 'boolean',
    doc: "Whether the token carries the authentication server's tokens (default false).",
  })
  readonly verifiable?: boolean;

  @Field({ type: 'string', doc: 'Issuer that tokens name and must name.' })
  readonly issuer?: string;

  @Field({ type: { list: 'string' }, doc: 'Audiences that tokens name and must name.' })
  readonly audience?: readonly string[];

  @Field({ type: { list: () => ClaimDto }, doc: 'What is put into the token and taken out of it.' })
  readonly claims?: readonly ClaimDto[];

  @Field({ type: () => CookieDto, doc: 'Attributes of the cookies.' })
  readonly cookie?: CookieDto;

  @Field({ type: () => ProviderDto, doc: 'The authentication server.' })
  readonly provider?: ProviderDto;

  @Field({ type: () => SessionDto, doc: 'The session server.' })
  readonly session?: SessionDto;

  @Field({
    type: () => ExternalDto,
    doc: 'An external issuer whose access tokens are accepted directly.',
  })
  readonly external?: ExternalDto;
}
