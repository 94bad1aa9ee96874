/** Families of headers and cookies that carry parameters, as `{family}{parameter}`, in lower case; the first comes first. */
export const FAMILIES = ['rierino-auth.', 'sluice-auth.'] as const;

/** Parameters that the auth flows know by name (spec/identity.md). */
export const STANDARD_NAMES: readonly string[] = [
  'username',
  'password',
  'client_id',
  'client_secret',
  'access_token',
  'id_token',
  'refresh_token',
  'api_key',
  'api-key',
  'stage',
  'otp',
  'transactionid',
  'remember',
];

const DEFAULT_TOKEN_NAME = 'gateway_token';
/** Headers with a meaning of their own, which no API key may take over. */
const OTHER_MEANING = new Set(['authorization', 'cookie', 'host', 'proxy-authorization']);

/** Where a kind of token may stand in a request; made once, when its record is compiled. */
export interface CredentialNames {
  /** In lower case. */
  readonly tokenName: string;
  /** In lower case; null where this kind of token has no API keys. */
  readonly apiKeyName: string | null;
  readonly tokenHeaders: readonly string[];
  /** Those of the families, then the header that has the key's own name (`X-API-Key`). */
  readonly apiKeyHeaders: readonly string[];
  /** The names that make an Authorization ours. */
  readonly counting: ReadonlySet<string>;
}

export function credentialNamesOf(record: {
  readonly tokenName?: string;
  readonly apiKeyName?: string;
}): CredentialNames {
  const tokenName = (record.tokenName ?? DEFAULT_TOKEN_NAME).toLowerCase();
  const apiKeyName =
    record.apiKeyName === undefined || record.apiKeyName === '' ? null : record.apiKeyName.toLowerCase();
  return {
    tokenName,
    apiKeyName,
    tokenHeaders: familyHeaders(tokenName),
    apiKeyHeaders: apiKeyName === null ? [] : [...familyHeaders(apiKeyName), ...ownHeader(apiKeyName)],
    counting: new Set(apiKeyName === null ? [tokenName] : [tokenName, apiKeyName]),
  };
}

function familyHeaders(name: string): string[] {
  return FAMILIES.map((family) => family + name);
}

function ownHeader(name: string): string[] {
  return OTHER_MEANING.has(name) ? [] : [name];
}
