import type { IncomingHttpHeaders } from 'node:http';
import { traceparent } from '../edge/trace-context.js';
import type { Exchange } from '../exchange.js';
import type { Stage, Verdict } from '../stage.js';
import { gatewayTokenInBody, gatewayTokenOf, type GatewayCredential } from './credentials/gateway-token.js';
import type { Caller } from './caller.js';
import { csrfHeaders, type CsrfRules } from './csrf-headers.js';
import { csrfHolds, isUnsafe } from './csrf.js';
import type { Guests } from './guests.js';
import type { ApiKeys } from './keys/api-keys.js';
import type { CheckedCaller, ExpiredToken, TokenChecks } from './token-checks.js';
import type { TokenKind } from './token-kind.js';
import type { TokenFault } from './tokens/checked-token.js';
import { CSRF_INVALID, TOKEN_EXPIRED, TOKEN_INVALID, tokenRefusal } from './token-refusals.js';

/** Reads the body of a full call before admission: its `auth` may be what the call is allowed by. */
export type ReadBody = (exchange: Exchange) => Verdict | Promise<Verdict>;

/** Serves a call whose token has expired a while ago, by its refresh token. Null: the token stays expired. */
export interface Renewal {
  caller(exchange: Exchange, kind: TokenKind, expired: ExpiredToken): Promise<Caller | null>;
}

export interface IdentifyParts {
  readonly checks: TokenChecks;
  readonly guests: Guests;
  readonly apiKeys: Pick<ApiKeys, 'known' | 'resolve'>;
  readonly renewal: Renewal;
  readonly readBody: ReadBody;
  /** Null: cookies need no further token. */
  readonly csrf: CsrfRules | null;
  /** requestMeta.origin as JSON text. */
  readonly originOf: (exchange: Exchange) => string;
}

/**
 * Identify: who calls, by the channel's token or as a guest. Leaves the caller in the exchange, or nobody: whether that is enough,
 * authorize says. Bad credentials are refused even on a public path, unless the token record says canIgnore (spec/apis.md).
 * One for all channels: what it needs of a channel stands in the exchange.
 */
export class IdentifyStage implements Stage {
  readonly name = 'identify';
  private readonly checks: TokenChecks;

  constructor(private readonly parts: IdentifyParts) {
    this.checks = parts.checks;
  }

  run(exchange: Exchange): Verdict | Promise<Verdict> {
    const { userKind, guestKind } = exchange.channel!;
    const kind = userKind ?? guestKind!;
    const found = this.find(exchange.headers, userKind, guestKind);
    switch (found.kind) {
      case 'token':
        exchange.credentialFrom = found.from;
        exchange.credential = found.value;
        if (found.from === 'cookie' && !this.isMeant(exchange, kind, found.value)) return CSRF_INVALID;
        return this.check(exchange, found.value);
      case 'apiKey':
        exchange.credentialFrom = found.from;
        if (found.from === 'cookie' && !this.isMeant(exchange, kind, found.value)) return CSRF_INVALID;
        return this.byApiKey(exchange, kind, found.value);
      case 'none':
        return exchange.isFullCall && !exchange.inputRead ? this.fromBody(exchange) : this.missing(exchange);
      case 'malformed':
        return this.bad(exchange, 'malformed');
    }
  }

  private find(headers: IncomingHttpHeaders, user: TokenKind | null, guest: TokenKind | null): GatewayCredential {
    const found = gatewayTokenOf(headers, (user ?? guest)!.names);
    if (found.kind !== 'none' || user === null || guest === null || user.tokenName === guest.tokenName) return found;
    return gatewayTokenOf(headers, guest.names);
  }

  /** Browsers send cookies along whoever made the page: what changes something needs the token that only our own pages know. */
  private isMeant(exchange: Exchange, kind: TokenKind, credential: string): boolean {
    const { csrf } = this.parts;
    if (csrf === null) return true;
    // Nobody could have made the token that would show it.
    if (kind.csrfKey === null) return kind.issues || !isUnsafe(exchange.head.method);
    if (isUnsafe(exchange.head.method)) return csrfHolds(exchange.headers, kind.csrfKey, credential);
    const headers = csrfHeaders(credential, kind, csrf);
    for (let index = 0; index < headers.length; index += 2) exchange.addHeader(headers[index]!, headers[index + 1]!);
    return true;
  }

  private byApiKey(exchange: Exchange, kind: TokenKind, key: string): Verdict | Promise<Verdict> {
    // A guest has no key.
    if (exchange.channel!.userKind === null) return this.bad(exchange, 'malformed');
    const known = this.parts.apiKeys.known(kind, key);
    if (known === null) return this.resolveKey(exchange, kind, key);
    if (known === 'bad') return this.bad(exchange, 'key');
    exchange.caller = known;
    return null;
  }

  private async resolveKey(exchange: Exchange, kind: TokenKind, key: string): Promise<Verdict> {
    const { requestId, trace } = exchange;
    const request = {
      ...{ requestId, traceparent: traceparent(trace), origin: this.parts.originOf(exchange), deadline: Infinity },
    };
    const outcome = await this.parts.apiKeys.resolve(kind, key, request, exchange);
    if (outcome.kind === 'failed') throw outcome.error;
    if (outcome.kind === 'bad') {
      exchange.cause = outcome.cause;
      return this.bad(exchange, 'key');
    }
    exchange.caller = outcome.caller;
    return null;
  }

  private check(exchange: Exchange, token: string): Verdict | Promise<Verdict> {
    const { userKind, guestKind } = exchange.channel!;
    const kind = userKind ?? guestKind!;
    const known = this.checks.known(kind, token, userKind === null);
    if (known !== null) {
      exchange.caller = known;
      return null;
    }
    const first = this.checks.checkUnknown(kind, token, userKind === null);
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
    if (checked.caller !== null) {
      exchange.caller = checked.caller;
      return null;
    }
    // Nor is it ignored: who has a good one would be nobody without knowing it.
    if (checked.fault === 'unchecked') {
      const { verdict, cause } = tokenRefusal(checked);
      exchange.cause = cause;
      return verdict;
    }
    const { userKind } = exchange.channel!;
    if (checked.expired !== null && userKind !== null && userKind.graceSeconds > 0)
      return this.renew(exchange, userKind, checked.expired);
    return this.bad(exchange, checked.fault);
  }

  private async renew(exchange: Exchange, kind: TokenKind, expired: ExpiredToken): Promise<Verdict> {
    // Of the token that has expired: the new one has another against forgery.
    exchange.addedHeaders = null;
    exchange.caller = await this.parts.renewal.caller(exchange, kind, expired);
    return exchange.caller === null ? this.bad(exchange, 'expired') : null;
  }

  private bad(exchange: Exchange, fault: TokenFault): Verdict | Promise<Verdict> {
    const { userKind, guestKind } = exchange.channel!;
    if ((userKind ?? guestKind!).canIgnore) return this.missing(exchange);
    // An expired guest is nobody who has to log in again: a new one comes in.
    exchange.cause ??= `the token is refused: ${fault}`;
    return fault === 'expired' ? TOKEN_EXPIRED : TOKEN_INVALID;
  }

  private missing(exchange: Exchange): null | Promise<null> {
    const { guestKind } = exchange.channel!;
    return guestKind === null ? null : this.parts.guests.admit(exchange, guestKind);
  }

  private async fromBody(exchange: Exchange): Promise<Verdict> {
    const refused = await this.parts.readBody(exchange);
    if (refused !== null) return refused;
    const { userKind, guestKind } = exchange.channel!;
    const found =
      exchange.bodyAuth === null ? NOTHING : gatewayTokenInBody(exchange.bodyAuth, (userKind ?? guestKind!).names);
    if (found.kind === 'none') return this.missing(exchange);
    if (found.kind !== 'token' && found.kind !== 'apiKey') return this.bad(exchange, 'malformed');
    exchange.credentialFrom = 'body';
    if (found.kind === 'apiKey') return this.byApiKey(exchange, (userKind ?? guestKind)!, found.value);
    exchange.credential = found.value;
    return this.check(exchange, found.value);
  }
}

const NOTHING: GatewayCredential = Object.freeze({ kind: 'none' });
