import { callerOf, type Caller } from './caller.js';
import { externalCaller, type ExternalTokens } from './issuers/external-caller.js';
import type { IssuerCheck, IssuerDirectory, UncheckedToken } from './issuers/issuer.js';
import { namesIssuer } from './issuers/names-issuer.js';
import type { TokenKind } from './token-kind.js';
import { MAX_TOKEN_LENGTH, type CheckedToken, type Claims, type TokenFault } from './tokens/checked-token.js';
import { CLOCK_LEEWAY_MS } from './tokens/claim-rules.js';
import { Doorkeeper } from './tokens/doorkeeper.js';
import { twinDigest } from './tokens/revocation-digest.js';
import { tokenDigest, VerifiedTokens } from './tokens/verified-tokens.js';

export interface GoodCaller {
  readonly caller: Caller;
  readonly fault: null;
}
export interface ExpiredToken {
  readonly claims: Claims;
  readonly expiresAtMs: number;
}
export interface RefusedToken {
  readonly caller: null;
  readonly fault: TokenFault;
  /** Only of `expired`, where all else is right. */
  readonly expired: ExpiredToken | null;
}
/** Nobody can say whether it is good: the keys of its issuer cannot be had. */
export interface UncheckedCaller {
  readonly caller: null;
  readonly fault: 'unchecked';
  readonly expired: null;
  readonly why: UncheckedToken;
}
export type NoCaller = RefusedToken | UncheckedCaller;
export type CheckedCaller = GoodCaller | NoCaller;

const REVOKED: RefusedToken = Object.freeze({ caller: null, fault: 'revoked', expired: null });
const EXPIRED_ELSEWHERE: RefusedToken = Object.freeze({ caller: null, fault: 'expired', expired: null });
const UNKNOWN_KEY: RefusedToken = Object.freeze({ caller: null, fault: 'key', expired: null });
/** Bad tokens that are remembered, and for how long: a client whose token was never good sends it again and again. */
const MOST_BAD = 4096;
const BAD_MS = 10_000;
/** As long as the digests that the doorkeeper knows tokens by. */
const END_LENGTH = 43;

interface KnownBad {
  readonly refused: RefusedToken;
  readonly expiresAtMs: number;
}

/** Checks tokens of all kinds, and remembers those that were good until they expire, are revoked or their record changes. */
export class TokenChecks {
  private readonly bad: VerifiedTokens<KnownBad>;
  private readonly doorkeeper = new Doorkeeper();

  constructor(
    private readonly verified: VerifiedTokens<Caller>,
    /** Epoch ms. */
    private readonly now: () => number,
    /** By tokenDigest. */
    private readonly isRevoked: (digest: string) => boolean,
    private readonly issuers: IssuerDirectory,
  ) {
    this.bad = new VerifiedTokens(MOST_BAD, now);
  }

  /** What is known already; null where it must be checked. */
  known(kind: TokenKind, token: string, isGuest: boolean): Caller | null {
    const caller = this.verified.get(isGuest ? kind.guestKey : kind.key, token);
    if (caller === null || caller.twinDigest === undefined || !this.isRevoked(caller.twinDigest)) return caller;
    return null;
  }

  /** At once wherever the algorithms allow. Never throws, never rejects. */
  check(kind: TokenKind, token: string, isGuest: boolean): CheckedCaller | Promise<CheckedCaller> {
    const known = this.known(kind, token, isGuest);
    return known === null ? this.checkUnknown(kind, token, isGuest) : { caller: known, fault: null };
  }

  /** The same for whoever has asked `known` already, in vain. */
  checkUnknown(kind: TokenKind, token: string, isGuest: boolean): CheckedCaller | Promise<CheckedCaller> {
    const bad = this.bad.get(kind.key, token);
    if (bad !== null) return bad.refused;
    const { external } = kind;
    if (external !== null && !isGuest && namesIssuer(token, external.place.issuer))
      return this.checkExternal(kind, external, token);
    const checked = kind.codec.check(token, this.now());
    if (checked instanceof Promise) return checked.then((late) => this.taken(kind, token, late, isGuest));
    return this.taken(kind, token, checked, isGuest);
  }

  private taken(kind: TokenKind, token: string, checked: CheckedToken, isGuest: boolean): CheckedCaller {
    const { claims, expiresAtMs } = checked;
    if (claims === null || expiresAtMs === null) return this.refused(kind, token, faultOf(checked));
    const twin = twinDigest(token);
    if (this.isOver(token, twin)) return REVOKED;
    if (checked.kind === 'bad') return { caller: null, fault: checked.fault, expired: { claims, expiresAtMs } };
    const caller = callerOf({ kind, claims, expiresAtMs, isGuest, ...(twin === null ? null : { twinDigest: twin }) });
    return this.accepted(isGuest ? kind.guestKey : kind.key, token, caller);
  }

  /** A token that says it is the issuer's is checked by the issuer's keys, and by no other way. */
  private checkExternal(
    kind: TokenKind,
    external: ExternalTokens,
    token: string,
  ): CheckedCaller | Promise<CheckedCaller> {
    const checked = this.issuers.of(external.place).check(token, external.rules, this.now());
    if (checked instanceof Promise) return checked.then((late) => this.takenExternal(kind, external, token, late));
    return this.takenExternal(kind, external, token, checked);
  }

  private takenExternal(kind: TokenKind, external: ExternalTokens, token: string, checked: IssuerCheck): CheckedCaller {
    if (checked.kind === 'unchecked') return { caller: null, fault: 'unchecked', expired: null, why: checked };
    if (checked.kind === 'bad') {
      // Not remembered: the issuer may publish the key in a moment.
      if (checked.fault === 'key') return UNKNOWN_KEY;
      if (checked.fault !== 'expired') return this.refused(kind, token, checked.fault);
    }
    const twin = twinDigest(token);
    if (this.isOver(token, twin)) return REVOKED;
    // Whoever renews it is not the gateway: no grace.
    if (checked.kind === 'bad') return EXPIRED_ELSEWHERE;
    const caller = externalCaller(external, checked, twin);
    return caller === null ? this.refused(kind, token, 'claims') : this.accepted(kind.key, token, caller);
  }

  private isOver(token: string, twin: string | null): boolean {
    return this.isRevoked(tokenDigest(token)) || (twin !== null && this.isRevoked(twin));
  }

  private accepted(key: string, token: string, caller: Caller): GoodCaller {
    if (this.doorkeeper.hasMet(tokenDigest(token))) this.verified.put(key, token, caller);
    return { caller, fault: null };
  }

  private refused(kind: TokenKind, token: string, fault: TokenFault): RefusedToken {
    const refused: RefusedToken = { caller: null, fault, expired: null };
    // A clock makes a token good that is not yet valid.
    const isLasting = fault !== 'not_yet_valid' && token.length <= MAX_TOKEN_LENGTH;
    // By its end in place of its digest, which most bad tokens never need otherwise: whoever makes ends alike fills a table of bad ones only.
    if (isLasting && this.doorkeeper.hasMet(token.slice(-END_LENGTH)))
      this.bad.put(kind.key, token, { refused, expiresAtMs: this.now() + BAD_MS - CLOCK_LEEWAY_MS });
    return refused;
  }
}

function faultOf(checked: CheckedToken): TokenFault {
  return checked.kind === 'bad' ? checked.fault : 'claims';
}
