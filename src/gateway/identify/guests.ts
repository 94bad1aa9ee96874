import type { Exchange } from '../exchange.js';
import { callerOf } from './caller.js';
import type { TokenKind } from './token-kind.js';
import { tokenCookie } from './token-cookies.js';

const ANONYMOUS = 'anonymous';

/**
 * Guests: who comes without a token where the channel has an anonymousToken gets one, with an id of its own, in the answer's headers
 * (spec/identity.md, "Anonymous token").
 */
export class Guests {
  constructor(
    /** Epoch ms. */
    private readonly now: () => number,
    private readonly newId: () => string,
  ) {}

  async admit(exchange: Exchange, kind: TokenKind): Promise<null> {
    const nowMs = this.now();
    const claims = this.claimsOf(kind);
    const token = await kind.codec.issue(claims, { nowMs, lifeSeconds: kind.lifeSeconds });
    const expiresAtMs = nowMs + kind.lifeSeconds * 1000;
    exchange.caller = callerOf({ kind, claims, expiresAtMs, isGuest: true });
    // A shared cache would give it to others.
    exchange.addHeader('Cache-Control', 'no-store');
    exchange.addHeader(`Rierino-Auth.${kind.tokenName}`, token);
    if (wantsCookie(exchange)) exchange.addHeader('Set-Cookie', tokenCookie(kind, token));
    return null;
  }

  private claimsOf({ claims }: TokenKind): Readonly<Record<string, unknown>> {
    const { guestIdName, names } = claims;
    const issued = claims.issue({}).claims;
    if (guestIdName !== null) issued[guestIdName] = this.newId();
    const typeName = names.ORIGIN_TYPE;
    if (typeName !== null) issued[typeName] ??= ANONYMOUS;
    return issued;
  }
}

/** With cookie=true, or where the client has sent one of ours already. */
function wantsCookie(exchange: Exchange): boolean {
  return (
    /(?:^|&)cookie=true(?:&|$)/.test(exchange.query) ||
    /(?:^|;\s*)(?:Rierino|Sluice)-Auth\./.test(exchange.headers.cookie ?? '')
  );
}
