import type { Cancellation } from '../../../contracts/executor.js';
import type { OidcClient } from '../oidc/oidc-client.js';
import type { ProviderCalls, ProviderClient, ProviderOutcome, ProviderRequest } from './provider-client.js';
import type { ProviderRules } from './provider-rules.js';

export interface ProvidersParts {
  readonly channels: ProviderClient;
  readonly oidc: OidcClient;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Asks each authentication server in its own way: over a channel, or by OpenID Connect where an action has no URL at one. */
export class Providers implements ProviderCalls {
  constructor(private readonly parts: ProvidersParts) {}

  call(rules: ProviderRules, request: ProviderRequest, cancellation: Cancellation): Promise<ProviderOutcome> {
    const { channels, oidc, now } = this.parts;
    if (rules.kind === 'channel' || rules.urls.has(request.action)) return channels.call(rules, request, cancellation);
    const timeoutMs = Math.min(rules.timeoutMs, request.deadline - now());
    return oidc.call(rules.oidc, request, { timeoutMs, cancellation });
  }
}
