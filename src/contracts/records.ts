/**
 * The four kinds of configuration record in the form that the gateway compiles (spec/components.md).
 * What a source delivered has passed the schema of its kind; fields that we do not know are kept.
 */
export const COMPONENT_KINDS = ['system', 'channel', 'service', 'token'] as const;
export type ComponentKind = (typeof COMPONENT_KINDS)[number];

export interface ComponentRecord {
  readonly name?: string;
  readonly description?: string;
  /** `ACTIVE`, `A` or missing: in use. Anything else is not. */
  readonly status?: string;
  /** Ids of the gateways that may use it; empty or missing means all. */
  readonly gateways?: readonly string[];
}

export type Parameters = Readonly<Record<string, string | number | boolean>>;

export interface SystemRecord extends ComponentRecord {
  readonly executor: string;
  readonly parameters?: Parameters;
}

export type ResponseHeaders = Readonly<Record<string, string>>;

export interface RetryRule {
  readonly retryAfter?: number;
  readonly retryCount?: number;
  readonly onlyUnsent?: boolean;
  readonly filter?: {
    readonly errorCodes?: readonly number[];
    readonly httpStatusCodes?: readonly number[];
    readonly errorTexts?: readonly string[];
  };
}

export interface MethodRule {
  readonly roles?: readonly string[];
  readonly isPublic?: boolean;
  readonly responseHeaders?: ResponseHeaders;
  readonly retry?: RetryRule;
}

export interface PathRuleRecord {
  readonly isPublic?: boolean;
  readonly isDisabled?: boolean;
  readonly logDetailAsInfo?: boolean;
  readonly returnErrorPayload?: boolean;
  readonly canAudit?: boolean;
  readonly verifyAccessToken?: boolean;
  readonly methods?: Readonly<Record<string, MethodRule>>;
  readonly responseHeaders?: ResponseHeaders;
  readonly retry?: RetryRule;
  readonly circuitBreaker?: Readonly<Record<string, unknown>>;
}

/** What channels and services protect alike: who may call which path. */
export interface ProtectedRecord extends ComponentRecord {
  readonly authToken?: string;
  readonly anonymousToken?: string;
  readonly paths?: Readonly<Record<string, PathRuleRecord>>;
}

export interface AliasRecord {
  readonly alias: string;
  readonly target: string;
  /** Header name → JMESPath over `{value}`. */
  readonly headerMap?: Readonly<Record<string, string>>;
}

export interface ChannelRecord extends ProtectedRecord {
  readonly target?: string;
  readonly system?: string;
  readonly executor?: string;
  readonly parameters?: Parameters;
  readonly method?: string;
  readonly canAuditAll?: boolean;
  readonly aliases?: readonly AliasRecord[];
  readonly allowedRunnerHeaders?: readonly string[];
  readonly responseHeaders?: ResponseHeaders;
  readonly rateLimiter?: RateLimiterRecord;
  readonly bulkhead?: BulkheadRecord;
  /** Read as a whole by src/gateway/limit/user-rate. */
  readonly userRateLimit?: object & { readonly service?: string };
}

/** ms, and requests. */
export interface RateLimiterRecord {
  readonly refreshPeriod?: number;
  readonly periodLimit?: number;
  readonly timeoutDuration?: number;
}

export interface BulkheadRecord {
  readonly maxConcurrentCalls?: number;
  readonly maxWait?: number;
}

export interface ServiceRecord extends ProtectedRecord {
  readonly type?: string;
  readonly parameters?: Parameters;
}

/** One of several keys: the first is used, all are accepted. */
export interface SecretKey {
  readonly kid?: string;
  /** Text, `base64:…`, PEM (PKCS#8) or JWK. */
  readonly secret: string;
}
export type SecretKeys = string | readonly SecretKey[];

export type ClaimSpecial = 'ORIGIN_ID' | 'ORIGIN_TYPE' | 'SESSION_ID' | 'ROLES';

export interface ClaimRecord {
  readonly name?: string;
  readonly class?: string;
  readonly value?: unknown;
  readonly source?: string;
  readonly element?: string;
  readonly special?: string;
  readonly metaElement?: string;
  readonly remove?: boolean;
}

export interface CookieRecord {
  readonly domain?: string;
  readonly sameSite?: string;
  readonly path?: string;
  readonly refreshPath?: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
}

export interface ProviderRecord {
  readonly type?: string;
  readonly channel?: string;
  readonly urls?: Readonly<Record<string, string>>;
  readonly timeout?: number;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly scopes?: string | readonly string[];
  readonly rolesPath?: string;
  readonly redirectUris?: readonly string[];
  readonly roles?: string | readonly string[];
}

export interface SessionRecord {
  readonly channel?: string;
  readonly urls?: Readonly<Record<string, string>>;
  readonly bufferSize?: number;
  readonly bufferMs?: number;
  readonly batchSize?: number;
}

export interface ExternalIssuerRecord {
  readonly issuer: string;
  readonly audience?: readonly string[];
  readonly jwksUri?: string;
  readonly rolesPath?: string;
  readonly claims?: readonly ClaimRecord[];
}

/** A kind of token that the gateway issues and accepts (spec/identity.md). */
export interface TokenRecord extends ComponentRecord {
  readonly canIgnore?: boolean;
  readonly tokenName?: string;
  readonly apiKeyName?: string;
  readonly expiration?: number;
  readonly gracePeriod?: number;
  readonly longExpiration?: number;
  readonly signingSecret?: SecretKeys;
  readonly signingAlgorithm?: string;
  readonly encryptionSecret?: SecretKeys;
  readonly encryptionKeyAlgorithm?: string;
  readonly encryptionAlgorithm?: string;
  readonly encryptionMethod?: string;
  readonly verifiable?: boolean;
  readonly issuer?: string;
  readonly audience?: readonly string[];
  readonly claims?: readonly ClaimRecord[];
  readonly cookie?: CookieRecord;
  readonly provider?: ProviderRecord;
  readonly session?: SessionRecord;
  readonly external?: ExternalIssuerRecord;
}

export interface RecordOf {
  readonly system: SystemRecord;
  readonly channel: ChannelRecord;
  readonly service: ServiceRecord;
  readonly token: TokenRecord;
}
