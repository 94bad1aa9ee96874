import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { TokenLedger } from '../../../contracts/token-ledger.js';
import { opened, sealed } from '../tokens/sealed-text.js';
import { tokenDigest } from '../tokens/verified-tokens.js';
import { UsedStates } from './used-states.js';

/** A login that a browser has begun at a provider, as its cookie has it. */
export interface BegunLogin {
  /** Goes to the provider and comes back. */
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly branch: string;
  readonly remembers: boolean;
  /** Epoch ms. */
  readonly endsAtMs: number;
}

/** spec/identity.md: a 10-minute cookie. */
export const LOGIN_SECONDS = 600;

/**
 * Logins under way in browsers. All of one stands in its cookie, encrypted, so that any replica can finish it; only those that are over
 * are remembered: here, bounded, and by the ledger of all replicas.
 */
export class LoginStates {
  private readonly used: UsedStates;

  constructor(
    private readonly ledger: Pick<TokenLedger, 'revoke' | 'isRevoked'>,
    /** Epoch ms. */
    private readonly now: () => number,
  ) {
    this.used = new UsedStates(now);
  }

  begin(of: Pick<BegunLogin, 'redirectUri' | 'branch' | 'remembers'>): BegunLogin {
    const [state, nonce, verifier] = [random(), random(), random()];
    return { ...of, state, nonce, verifier, endsAtMs: this.now() + LOGIN_SECONDS * 1000 };
  }

  /** @param place token record, channel and type that it was begun at */
  seal(login: BegunLogin, keys: readonly Buffer[], place: string): string {
    return sealed(JSON.stringify(login), keys[0]!, place);
  }

  /** Null where it is none of ours, of another place, or too old. */
  open(text: string, keys: readonly Buffer[], place: string): BegunLogin | null {
    const content = opened(text, keys, place);
    if (content === null) return null;
    const login = JSON.parse(content.toString()) as BegunLogin;
    return this.now() < login.endsAtMs ? login : null;
  }

  /** Whether the login counts: once. At every replica it is over when this resolves, or soon after. */
  async take({ state, endsAtMs }: BegunLogin): Promise<boolean> {
    const digest = tokenDigest(`login state ${state}`);
    if (this.ledger.isRevoked(digest) || !this.used.take(digest, endsAtMs)) return false;
    await this.ledger.revoke(digest, endsAtMs);
    return true;
  }
}

export function isState(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** 256 bits, in the alphabet of a code verifier (RFC 7636, 4.1). */
function random(): string {
  return randomBytes(32).toString('base64url');
}
