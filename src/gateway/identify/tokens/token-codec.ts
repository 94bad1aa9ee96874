import { hash, randomBytes } from 'node:crypto';
import type { TokenRecord } from '../../../contracts/records.js';
import {
  type CheckedToken,
  type Claims,
  type CodecFault,
  MAX_TOKEN_LENGTH,
  refused,
  type Refused,
  type TokenCodec,
  TokenTooLongError,
} from './checked-token.js';
import { type ClaimRules, claimsOf, judge } from './claim-rules.js';
import { type EncryptedLayer, encryptedLayer, type SignedLayer, signedLayer } from './codec-parts.js';
import { ENCRYPTION_ALGORITHMS } from './encryption-algorithms.js';
import { UNSIGNED_TOKENS } from './unsigned-tokens.js';

export interface CompiledCodec {
  /** Null where there is a fault, and where the record has no secret of its own but an external issuer. */
  readonly codec: TokenCodec | null;
  readonly faults: readonly CodecFault[];
  readonly warnings: readonly CodecFault[];
}

/** Compiles what a record says of its tokens. Pure, never throws; keys are read and checked here and nowhere else. */
export function tokenCodecOf(record: TokenRecord, options: { readonly allowUnsigned: boolean }): CompiledCodec {
  const faults: CodecFault[] = [];
  const signed = signedLayer(record, faults);
  const encrypted = encryptedLayer(record, faults);
  if (faults.length > 0) return { codec: null, faults, warnings: [] };
  const rules = rulesOf(record);
  const key = keyOf(record);
  if (signed !== null || encrypted !== null) {
    const warnings = signed === null ? forgeable(record) : [];
    return { codec: new LayeredCodec(signed, encrypted, rules, key), faults, warnings };
  }
  const pointer = '/signingSecret';
  // Before what is allowed to other records: who names an issuer wants no token that anyone can make.
  if (record.external !== undefined) return { codec: null, faults, warnings: [] };
  if (options.allowUnsigned) {
    const message = 'tokens are not signed: anyone can make them (token.allowUnsigned)';
    return { codec: new LayeredCodec(UNSIGNED_TOKENS, null, rules, key), faults, warnings: [{ pointer, message }] };
  }
  const message = 'neither signingSecret nor encryptionSecret is set, so anyone could make tokens';
  return { codec: null, faults: [{ pointer, message }], warnings: [] };
}

class LayeredCodec implements TokenCodec {
  /** At least one of both layers is there; with both, the encrypted one is outside. */
  constructor(
    private readonly signed: SignedLayer | null,
    private readonly encrypted: EncryptedLayer | null,
    private readonly rules: ClaimRules,
    readonly key: string,
  ) {}

  check(token: string, nowMs: number): CheckedToken | Promise<CheckedToken> {
    if (token.length > MAX_TOKEN_LENGTH) return refused('too_long');
    if (this.encrypted === null) return this.checkOpened(this.signed!.open(token), nowMs);
    const opened = this.encrypted.open(token);
    if (!(opened instanceof Promise)) return this.checkInner(opened, nowMs);
    return opened.then((inner) => this.checkInner(inner, nowMs));
  }

  async issue(claims: Claims, { nowMs, lifeSeconds }: { nowMs: number; lifeSeconds: number }): Promise<string> {
    const id = randomBytes(16).toString('base64url');
    const content = JSON.stringify(claimsOf(claims, this.rules, { nowMs, lifeSeconds, id }));
    const inner = this.signed === null ? content : await this.signed.make(content);
    const token = this.encrypted === null ? inner : await this.encrypted.make(inner);
    if (token.length > MAX_TOKEN_LENGTH) throw new TokenTooLongError(token.length);
    return token;
  }

  private checkInner(inner: string | Refused, nowMs: number): CheckedToken {
    if (typeof inner !== 'string' || this.signed === null) return this.checkOpened(inner, nowMs);
    return this.checkOpened(this.signed.open(inner), nowMs);
  }

  private checkOpened(content: string | Refused, nowMs: number): CheckedToken {
    return typeof content === 'string' ? judge(content, this.rules, nowMs) : content;
  }
}

function rulesOf({ issuer, audience }: TokenRecord): ClaimRules {
  return {
    issuer: issuer === undefined || issuer === '' ? null : issuer,
    audiences: audience === undefined || audience.length === 0 ? null : new Set(audience),
  };
}

/** Whoever knows a public key can encrypt: without a signature that makes a token. */
function forgeable({ encryptionAlgorithm }: TokenRecord): CodecFault[] {
  const algorithm = ENCRYPTION_ALGORITHMS.get(encryptionAlgorithm ?? '');
  if (algorithm === undefined || algorithm.keyType === 'secret') return [];
  const message = 'anyone who knows the public key can make tokens; set signingSecret too';
  return [{ pointer: '/encryptionSecret', message }];
}

function keyOf(record: TokenRecord): string {
  const { signingSecret, signingAlgorithm, encryptionSecret, encryptionAlgorithm, encryptionMethod } = record;
  const parts = [signingSecret, signingAlgorithm, encryptionSecret, encryptionAlgorithm, encryptionMethod];
  return hash('sha256', JSON.stringify([...parts, record.issuer, record.audience]), 'base64url');
}
