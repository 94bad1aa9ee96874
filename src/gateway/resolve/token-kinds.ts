import type { Component, ComponentMap, Finding } from '../../contracts/components.js';
import type { IssuerUse } from '../identify/issuers/issuers.js';
import { tokenKindOf, type TokenKind } from '../identify/token-kind.js';
import { finding } from './compiler-finding.js';

/** A service or token at fault. */
const CODE = 17003;

interface Compiled {
  /** Null where this version of the record cannot be used. */
  readonly kind: TokenKind | null;
  readonly findings: readonly Finding[];
}

/** Token records, each version compiled once; one that cannot be used leaves the last good one in force. */
export class TokenKinds {
  private readonly byRecord = new WeakMap<Component, Compiled>();
  private readonly good = new Map<string, TokenKind>();

  constructor(private readonly options: { readonly allowUnsigned: boolean }) {}

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
      const external = this.find(token)?.external ?? null;
      if (external !== null) uses.push({ place: external.place, token: token.id, pointer: '/external/issuer' });
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
    return {
      kind,
      findings: findings.map(({ pointer, message, severity }) => finding(place, pointer, message, CODE, severity)),
    };
  }
}
