import type { Component, ComponentMap, Finding } from '../../contracts/components.js';
import type { IssuerPlace } from '../identify/issuers/issuer.js';
import type { IssuerUse } from '../identify/issuers/issuers.js';
import { tokenKindOf, type KindFinding, type TokenKind } from '../identify/token-kind.js';
import { finding } from './compiler-finding.js';

/** A service or token at fault. */
const CODE = 17003;

interface Compiled {
  /** Null where this version of the record cannot be used. */
  readonly kind: TokenKind | null;
  readonly findings: readonly Finding[];
}

export interface TokenKindsOptions {
  readonly allowUnsigned: boolean;
  /** How browsers reach this gateway; null: nobody has said it; missing: nobody serves here. */
  readonly publicUrl?: string | null;
}

/** Token records, each version compiled once; one that cannot be used leaves the last good one in force. */
export class TokenKinds {
  private readonly byRecord = new WeakMap<Component, Compiled>();
  private readonly good = new Map<string, TokenKind>();

  constructor(private readonly options: TokenKindsOptions) {}

  /** The kind in force, null where it is inactive or there never was a good one. */
  find(token: Component<'token'>): TokenKind | null {
    if (!token.active) return null;
    return this.compiled(token).kind ?? this.good.get(token.id) ?? null;
  }

  compiled(token: Component<'token'>): Compiled {
    const known = this.byRecord.get(token);
    if (known !== undefined) return known;
    const made = this.compile(token);
    this.byRecord.set(token, made);
    if (made.kind !== null) this.good.set(token.id, made.kind);
    return made;
  }

  /** Keys of the session servers that kinds in force name. */
  sessionKeys(): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const { session } of this.good.values()) if (session !== null) keys.add(session.key);
    return keys;
  }

  /** Issuers that kinds in force name, each with its place in the record. */
  issuerUses(tokens: ComponentMap<'token'>): readonly IssuerUse[] {
    const uses: IssuerUse[] = [];
    for (const token of tokens.values()) {
      const { external = null, provider = null } = this.find(token) ?? {};
      const named = (place: IssuerPlace, pointer: string) => uses.push({ place, token: token.id, pointer });
      if (external !== null) named(external.place, '/external/issuer');
      if (provider?.kind === 'oidc') named(provider.oidc.place, '/provider/issuer');
    }
    return uses;
  }

  /** Lets go of those that are no longer there. */
  retain(ids: { has(id: string): boolean }): void {
    for (const id of this.good.keys()) if (!ids.has(id)) this.good.delete(id);
  }

  private compile(token: Component<'token'>): Compiled {
    if (token.record === null) return { kind: null, findings: [] };
    const { kind, findings } = tokenKindOf(token.id, token.record, this.options);
    const place = { kind: 'token', component: token } as const;
    const odd = [...findings, ...this.unreachable(kind)];
    return {
      kind,
      findings: odd.map(({ pointer, message, severity }) => finding(place, pointer, message, CODE, severity)),
    };
  }

  private unreachable(kind: TokenKind | null): KindFinding[] {
    if (kind?.provider?.kind !== 'oidc' || kind.provider.oidc.redirectUris.length === 0) return [];
    // Missing is not null: who only checks records has no settings.
    if (this.options.publicUrl !== null) return [];
    const message = 'browsers cannot log in: set server.publicUrl, the address that they come back to';
    return [{ pointer: '/provider/redirectUris', message, severity: 'warning' }];
  }
}
