import { traceparent } from '../edge/trace-context.js';
import type { Exchange } from '../exchange.js';
import type { Caller } from '../identify/caller.js';
import { claimSource } from '../identify/provider/claim-source.js';
import type { ProviderAnswer } from '../identify/provider/provider-answer.js';
import type { ProviderClient } from '../identify/provider/provider-client.js';
import type { ProviderRules } from '../identify/provider/provider-rules.js';
import { refusal, type Refusal, type Stage, type Verdict } from '../stage.js';
import { TOKEN_INVALID, TOKEN_MISSING } from '../identify/token-refusals.js';

const UNAVAILABLE: Refusal = Object.freeze({ ...refusal('VERIFYING_UNAVAILABLE'), retryAfterSeconds: 1 });

export interface VerifyParts {
  readonly providers: Pick<ProviderClient, 'call'>;
  /** requestMeta.origin as JSON text. */
  readonly originOf: (exchange: Exchange) => string;
}

/**
 * Verify, after identify and the roles: asks the authentication server each time whether the access token that the caller's token
 * carries still holds (spec/components.md, `verifyAccessToken`). Closed: where the server cannot be asked, the call may not go on.
 * A caller by API key was resolved at that server. Nothing is remembered.
 */
export class VerifyStage implements Stage {
  readonly name = 'verify';

  constructor(private readonly parts: VerifyParts) {}

  run(exchange: Exchange): Verdict | Promise<Verdict> {
    const { caller } = exchange;
    // A guest has not logged in, and who is nobody on a public path neither: they have nothing that could be verified.
    if (caller === null || caller.isGuest) return TOKEN_MISSING;
    if (caller.byApiKey === true) return null;
    const { provider } = caller.kind;
    const accessToken = accessTokenOf(caller, exchange);
    if (accessToken === null) return because('the token carries no access token to verify', exchange, TOKEN_INVALID);
    if (provider === null) return because('the token record names no provider', exchange, UNAVAILABLE);
    return this.ask(exchange, caller, provider, accessToken);
  }

  private async ask(
    exchange: Exchange,
    caller: Caller,
    provider: ProviderRules,
    accessToken: string,
  ): Promise<Verdict> {
    const outcome = await this.parts.providers.call(
      provider,
      {
        requestId: exchange.requestId,
        traceparent: traceparent(exchange.trace),
        action: 'validate',
        type: caller.applied.originType ?? '',
        auth: new Map([['access_token', accessToken]]),
        bodyText: '',
        origin: this.parts.originOf(exchange),
        deadline: Infinity,
      },
      exchange,
    );
    switch (outcome.kind) {
      case 'answered':
        return isMeant(caller, outcome.answer) ? null : because(NOT_NAMED, exchange, TOKEN_INVALID);
      case 'refused':
        return because(refusedCause(outcome.code, outcome.message), exchange, TOKEN_INVALID);
      case 'failed':
        return because(outcome.error, exchange, UNAVAILABLE);
      case 'missing':
        return because('the provider has no URL validate, or its channel is out', exchange, UNAVAILABLE);
      case 'passed':
        return because(`the provider answered with status ${outcome.status}`, exchange, UNAVAILABLE);
    }
  }
}

/** An external issuer's token is an access token itself. */
function accessTokenOf({ kind, claims }: Caller, { credential }: Exchange): string | null {
  return kind.issuedBy === null ? (kind.carrier?.read(claims)?.accessToken ?? null) : credential;
}

const NOT_NAMED = 'the authentication server does not name the user of the token';

/** Whether a good answer names a user, and the one that the token does: others say so of bad tokens, too (RFC 7662, 2.2). */
function isMeant({ kind, applied }: Caller, answer: ProviderAnswer): boolean {
  if (answer.user === null) return false;
  const source = claimSource(answer);
  // Claims of an external issuer's tokens are read from `access`, and the server need not give one back.
  if (kind.issuedBy !== null) source.access ??= { sub: answer.user.id };
  const named = kind.claims.apply(kind.claims.issue(source).claims).originId;
  return applied.originId === null || named === applied.originId;
}

/** @param cause for the log alone */
function because(cause: unknown, exchange: Exchange, verdict: Refusal): Refusal {
  exchange.cause = cause;
  return verdict;
}

function refusedCause(code: number, message: string | null): string {
  return `the access token is refused: ${code}${message === null ? '' : ` ${message}`}`;
}
