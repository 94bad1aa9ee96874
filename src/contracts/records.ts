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
}

export interface ServiceRecord extends ProtectedRecord {
  readonly type?: string;
  readonly parameters?: Parameters;
}

export type TokenRecord = ComponentRecord;

export interface RecordOf {
  readonly system: SystemRecord;
  readonly channel: ChannelRecord;
  readonly service: ServiceRecord;
  readonly token: TokenRecord;
}
