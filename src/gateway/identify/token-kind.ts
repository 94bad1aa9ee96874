import type { TokenRecord } from '../../contracts/records.js';
import { cookieRulesOf, type CookieRules } from './token-cookies.js';
import { claimPlanOf, type ClaimPlan } from './claims/claim-plan.js';
import { credentialNamesOf, type CredentialNames } from './credentials/credential-names.js';
import type { TokenCodec } from './tokens/checked-token.js';
import { tokenCodecOf } from './tokens/token-codec.js';

/** A kind of gateway token in force: what a token record came to. Never changed; another record makes another. */
export interface TokenKind {
  readonly id: string;
  /** Content of what tokens are checked with and what their claims say: what is known of tokens holds as long as it stays. */
  readonly key: string;
  /** As the record has it: the name in headers, cookies and answers. */
  readonly tokenName: string;
  readonly names: CredentialNames;
  readonly lifeSeconds: number;
  readonly graceSeconds: number;
  /** Of a refresh token with remember=true; null: as the provider's. */
  readonly longLifeSeconds: number | null;
  /** A missing or bad token lets the call go on without it. */
  readonly canIgnore: boolean;
  readonly isVerifiable: boolean;
  readonly codec: TokenCodec;
  readonly claims: ClaimPlan;
  readonly cookies: CookieRules;
}

export interface KindFinding {
  readonly pointer: string;
  readonly message: string;
  readonly severity: 'fault' | 'warning';
}

export interface CompiledKind {
  /** Null where the record cannot be used. */
  readonly kind: TokenKind | null;
  readonly findings: readonly KindFinding[];
}

const DEFAULT_NAME = 'gateway_token';
const DEFAULT_LIFE_SECONDS = 3600;

/** Compiles a token record: pure, at load, once a version. */
export function tokenKindOf(
  id: string,
  record: TokenRecord,
  options: { readonly allowUnsigned: boolean },
): CompiledKind {
  const { codec, faults, warnings } = tokenCodecOf(record, options);
  const claims = claimPlanOf(record.claims ?? [], '/claims');
  const findings: KindFinding[] = [
    ...[...faults, ...claims.faults].map((each) => ({ ...each, severity: 'fault' as const })),
    ...[...warnings, ...claims.warnings].map((each) => ({ ...each, severity: 'warning' as const })),
  ];
  if (codec === null || claims.faults.length > 0 || faults.length > 0) return { kind: null, findings };
  const tokenName = record.tokenName ?? DEFAULT_NAME;
  const kind: TokenKind = Object.freeze({
    id,
    key: `${codec.key} ${JSON.stringify(record.claims ?? [])}`,
    tokenName,
    names: credentialNamesOf(record),
    lifeSeconds: record.expiration ?? DEFAULT_LIFE_SECONDS,
    graceSeconds: record.gracePeriod ?? 0,
    longLifeSeconds: record.longExpiration ?? null,
    canIgnore: record.canIgnore === true,
    isVerifiable: record.verifiable === true,
    codec,
    claims: claims.plan,
    cookies: cookieRulesOf(record.cookie),
  });
  return { kind, findings };
}
