import { hash } from 'node:crypto';
import type { TokenRecord } from '../../contracts/records.js';
import { cookieRulesOf, type CookieRules } from './token-cookies.js';
import { claimPlanOf, type ClaimPlan } from './claims/claim-plan.js';
import { TOKEN } from '../http-syntax.js';
import { credentialNamesOf, STANDARD_NAMES, type CredentialNames } from './credentials/credential-names.js';
import type { ExternalTokens } from './issuers/external-caller.js';
import { externalRulesOf, type ExternalRules } from './issuers/external-rules.js';
import type { IssuerPlace } from './issuers/issuer.js';
import { providerRulesOf, type ProviderRules } from './provider/provider-rules.js';
import { sessionRulesOf, type SessionRules } from './sessions/session-rules.js';
import { tokenCarrierOf, type TokenCarrier } from './tokens/carried-tokens.js';
import { CLOCK_LEEWAY_MS } from './tokens/claim-rules.js';
import { derivedKeys } from './tokens/derived-keys.js';
import type { TokenCodec } from './tokens/checked-token.js';
import { NO_OWN_TOKENS } from './tokens/no-own-tokens.js';
import { tokenCodecOf } from './tokens/token-codec.js';

/** A kind of gateway token in force: what a token record came to. Never changed; another record makes another. */
export interface TokenKind {
  readonly id: string;
  /** Digest of the record and its id: what is known of its tokens holds as long as it stays. */
  readonly key: string;
  /** The same where the kind is for guests. */
  readonly guestKey: string;
  /** As the record has it: the name in headers, cookies and answers. */
  readonly tokenName: string;
  readonly names: CredentialNames;
  readonly lifeSeconds: number;
  readonly graceSeconds: number;
  /** Of a refresh token with remember=true; null: as the provider's. */
  readonly longLifeSeconds: number | null;
  /** A missing or bad token lets the call go on without it. */
  readonly canIgnore: boolean;
  /** Null: tokens of this kind do not carry the authentication server's. */
  readonly carrier: TokenCarrier | null;
  /** The authentication server; null: none is named. */
  readonly provider: ProviderRules | null;
  /** The session server; null: none is named. */
  readonly session: SessionRules | null;
  /** Of the tokens against forged requests of browsers; null where the record has no secret. */
  readonly csrfKey: Buffer | null;
  readonly codec: TokenCodec;
  readonly claims: ClaimPlan;
  readonly cookies: CookieRules;
  /** False where the record has no secret and takes an external issuer's tokens alone: nobody logs in, and no guest comes. */
  readonly issues: boolean;
  /** Tokens of an external issuer that count as this kind's; null: there are none. */
  readonly external: ExternalTokens | null;
  /** Whose tokens these are, where they are an external issuer's. */
  readonly issuedBy: IssuerPlace | null;
}

export interface KindFinding {
  readonly pointer: string;
  readonly message: string;
  readonly severity: 'fault' | 'warning';
}

/** Parameters that mean something else (spec/identity.md, "Provider"). */
const TAKEN = new Set(STANDARD_NAMES);

function nameFaults({ tokenName, apiKeyName }: TokenRecord): { readonly pointer: string; readonly message: string }[] {
  const faults = [];
  if (tokenName !== undefined && tokenName !== '' && !TOKEN.test(tokenName))
    faults.push({
      pointer: '/tokenName',
      message: 'names a header and a cookie: letters, digits and - . _ and the like',
    });
  if (tokenName !== undefined && TAKEN.has(tokenName.toLowerCase()))
    faults.push({
      pointer: '/tokenName',
      message: `"${tokenName}" means something else in the flows: choose another name`,
    });
  if (apiKeyName !== undefined && apiKeyName !== '' && !TOKEN.test(apiKeyName))
    faults.push({ pointer: '/apiKeyName', message: 'names a header: letters, digits and - . _ and the like' });
  return faults;
}

export interface CompiledKind {
  /** Null where the record cannot be used. */
  readonly kind: TokenKind | null;
  readonly findings: readonly KindFinding[];
}

/** Epoch ms until which a token that has expired is good for a refresh: past the leeway of clocks, in which it is served as it is. */
export function graceEndsAt({ graceSeconds }: TokenKind, expiresAtMs: number): number {
  return expiresAtMs + CLOCK_LEEWAY_MS + graceSeconds * 1000;
}

const DEFAULT_NAME = 'gateway_token';
const DEFAULT_LIFE_SECONDS = 3600;
const NO_SERVER = Object.freeze({ rules: null, faults: [], warnings: [] });
const NO_EXTERNAL = Object.freeze({ rules: null, faults: [], warnings: [] });
const CARRIES_NOTHING = {
  pointer: '/verifiable',
  message: "without a secret the authentication server's tokens cannot be encrypted: tokens do not carry them",
};

/** Compiles a token record: pure, at load, once a version. */
export function tokenKindOf(
  id: string,
  record: TokenRecord,
  options: { readonly allowUnsigned: boolean },
): CompiledKind {
  const { codec, faults, warnings } = tokenCodecOf(record, options);
  const claims = claimPlanOf(record.claims ?? [], '/claims');
  const provider = record.provider === undefined ? NO_SERVER : providerRulesOf(record.provider, '/provider');
  const session = record.session === undefined ? NO_SERVER : sessionRulesOf(record.session, '/session');
  const external = record.external === undefined ? NO_EXTERNAL : externalRulesOf(record.external, record);
  const carrier = record.verifiable === true ? tokenCarrierOf(record) : null;
  const wrong = [...faults, ...claims.faults, ...provider.faults, ...session.faults, ...external.faults];
  wrong.push(...nameFaults(record));
  const odd = [...warnings, ...claims.warnings, ...provider.warnings, ...session.warnings, ...external.warnings];
  if (record.verifiable === true && carrier === null) odd.push(CARRIES_NOTHING);
  const findings: KindFinding[] = [
    ...wrong.map((each) => ({ ...each, severity: 'fault' as const })),
    ...odd.map((each) => ({ ...each, severity: 'warning' as const })),
  ];
  if ((codec === null && external.rules === null) || wrong.length > 0) return { kind: null, findings };
  const key = hash('sha256', JSON.stringify([id, record]), 'base64url');
  const tokenName = record.tokenName ?? DEFAULT_NAME;
  const own = {
    id,
    key,
    guestKey: `${key} guest`,
    tokenName,
    names: credentialNamesOf(record),
    lifeSeconds: record.expiration ?? DEFAULT_LIFE_SECONDS,
    graceSeconds: record.gracePeriod ?? 0,
    longLifeSeconds: record.longExpiration ?? null,
    canIgnore: record.canIgnore === true,
    carrier,
    provider: provider.rules,
    session: session.rules,
    csrfKey: derivedKeys(record, 'csrf')[0] ?? null,
    codec: codec ?? NO_OWN_TOKENS,
    claims: claims.plan,
    cookies: cookieRulesOf(record.cookie),
    issues: codec !== null,
  };
  return { kind: withExternal(own, external.rules), findings };
}

/** Callers by an external issuer's token are of a kind beside: its claims, and nothing that belongs to a login. */
function withExternal(own: Omit<TokenKind, 'external' | 'issuedBy'>, rules: ExternalRules | null): TokenKind {
  if (rules === null) return Object.freeze({ ...own, external: null, issuedBy: null });
  const kind: TokenKind = Object.freeze({
    ...own,
    ...{ claims: rules.claims, carrier: null, graceSeconds: 0, external: null, issuedBy: rules.place },
  });
  return Object.freeze({ ...own, external: Object.freeze({ ...rules, kind }), issuedBy: null });
}
