import type { TokenKind } from '../token-kind.js';
import type { KeyOutcome } from './key-outcome.js';

/** A call under way: all who come with the key meanwhile wait for it. */
export interface KeyCall {
  readonly digest: string;
  readonly outcome: Promise<KeyOutcome>;
}

/** Where keys of one kind are resolved, and the calls under way there. Made once a kind. */
export class KeyProvider {
  /** Fills `{type}` in the URL: the kind's own ORIGIN_TYPE, empty where there is none. */
  readonly type: string;
  /** Why keys of this kind cannot be asked for; null: they can. */
  readonly fault: string | null;
  /** Few enough to be gone through. One provider that hangs takes no places of another's. */
  private readonly calls: KeyCall[] = [];

  constructor(kind: TokenKind) {
    const { provider, claims } = kind;
    this.type = claims.apply(claims.issue({}).claims).originType ?? '';
    const url = provider?.urls.get('resolveKey')?.fill({ type: this.type }) ?? null;
    this.fault = url !== null ? null : noUrl(kind);
  }

  get underWay(): number {
    return this.calls.length;
  }

  find(digest: string): KeyCall | null {
    for (const call of this.calls) if (call.digest === digest) return call;
    return null;
  }

  begin(call: KeyCall): void {
    this.calls.push(call);
  }

  end(call: KeyCall): void {
    const last = this.calls.pop()!;
    if (last !== call) this.calls[this.calls.indexOf(call)] = last;
  }
}

function noUrl({ provider }: TokenKind): string {
  if (provider === null) return 'an API key cannot be resolved: the token record names no provider';
  return provider.urls.has('resolveKey')
    ? "an API key cannot be resolved: no claim fills the {type} of the provider's URL resolveKey"
    : 'an API key cannot be resolved: the provider has no URL resolveKey';
}
