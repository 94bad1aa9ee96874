import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange } from '../exchange.js';
import { refusal, type Stage, type Verdict } from '../stage.js';
import { gatewayTokenInBody, gatewayTokenOf, type GatewayCredential } from './credentials/gateway-token.js';
import type { Guests } from './guests.js';
import type { CheckedCaller, TokenChecks } from './token-checks.js';
import type { TokenKind } from './token-kind.js';
import type { TokenFault } from './tokens/checked-token.js';

const INVALID = refusal('TOKEN_INVALID', ['WWW-Authenticate', 'Bearer error="invalid_token"']);
const EXPIRED = refusal('TOKEN_EXPIRED', [
  'WWW-Authenticate',
  'Bearer error="invalid_token", error_description="expired token"',
]);

/** Reads the body of a full call before admission: its `auth` may be what the call is allowed by. */
export type ReadBody = (exchange: Exchange) => Verdict | Promise<Verdict>;

/**
 * Identify: who calls, by the channel's token or as a guest. Leaves the caller in the exchange, or nobody: whether that is enough,
 * authorize says. Bad credentials are refused even on a public path, unless the token record says canIgnore (spec/apis.md).
 * One for all channels: what it needs of a channel stands in the exchange.
 */
export class IdentifyStage implements Stage {
  readonly name = 'identify';

  constructor(
    private readonly checks: TokenChecks,
    private readonly guests: Guests,
    private readonly readBody: ReadBody,
  ) {}

  run(exchange: Exchange): Verdict | Promise<Verdict> {
    const { userKind, guestKind } = exchange.channel!;
    const kind = userKind ?? guestKind!;
    const found = this.find(exchange.headers, userKind, guestKind);
    switch (found.kind) {
      case 'token': {
        exchange.credentialFrom = found.from;
        const known = this.checks.known(kind, found.value);
        if (known === null) return this.check(exchange, found.value);
        exchange.caller = known;
        return null;
      }
      case 'none':
        return exchange.isFullCall && !exchange.inputRead ? this.fromBody(exchange) : this.missing(exchange);
      case 'apiKey':
      case 'malformed':
        return this.bad(exchange, 'malformed');
    }
  }

  private find(headers: IncomingHttpHeaders, user: TokenKind | null, guest: TokenKind | null): GatewayCredential {
    const found = gatewayTokenOf(headers, (user ?? guest)!.names);
    if (found.kind !== 'none' || user === null || guest === null || user.tokenName === guest.tokenName) return found;
    return gatewayTokenOf(headers, guest.names);
  }

  private check(exchange: Exchange, token: string): Verdict | Promise<Verdict> {
    const { userKind, guestKind } = exchange.channel!;
    const first = this.checks.check(userKind ?? guestKind!, token, userKind === null);
    const second = userKind === null || guestKind === null ? null : guestKind;
    if (first instanceof Promise || second !== null) return this.checkRest(exchange, token, first, second);
    return this.settle(exchange, first);
  }

  /** A token that is no user's may be a guest's. */
  private async checkRest(
    exchange: Exchange,
    token: string,
    pending: CheckedCaller | Promise<CheckedCaller>,
    guest: TokenKind | null,
  ): Promise<Verdict> {
    const first = await pending;
    if (first.caller !== null || first.fault === 'expired' || guest === null) return this.settle(exchange, first);
    const second = await this.checks.check(guest, token, true);
    return this.settle(exchange, second.caller === null && second.fault !== 'expired' ? first : second);
  }

  private settle(exchange: Exchange, checked: CheckedCaller): Verdict | Promise<Verdict> {
    if (checked.caller === null) return this.bad(exchange, checked.fault);
    exchange.caller = checked.caller;
    return null;
  }

  private bad(exchange: Exchange, fault: TokenFault): Verdict | Promise<Verdict> {
    const { userKind, guestKind } = exchange.channel!;
    if ((userKind ?? guestKind!).canIgnore) return this.missing(exchange);
    // An expired guest is nobody who has to log in again: a new one comes in.
    exchange.cause = `the token is refused: ${fault}`;
    return fault === 'expired' ? EXPIRED : INVALID;
  }

  private missing(exchange: Exchange): null | Promise<null> {
    const { guestKind } = exchange.channel!;
    return guestKind === null ? null : this.guests.admit(exchange, guestKind);
  }

  private async fromBody(exchange: Exchange): Promise<Verdict> {
    const refused = await this.readBody(exchange);
    if (refused !== null) return refused;
    const { userKind, guestKind } = exchange.channel!;
    const found =
      exchange.bodyAuth === null ? NOTHING : gatewayTokenInBody(exchange.bodyAuth, (userKind ?? guestKind!).names);
    if (found.kind === 'none') return this.missing(exchange);
    if (found.kind !== 'token') return this.bad(exchange, 'malformed');
    exchange.credentialFrom = 'body';
    return this.check(exchange, found.value);
  }
}

const NOTHING: GatewayCredential = Object.freeze({ kind: 'none' });
