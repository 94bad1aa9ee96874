import type { TokenEndpointResponse } from 'oauth4webapi';
import { GatewayError } from '../../../errors/gateway.error.js';
import { ClientToken } from '../../execute/client-credentials/client-token.js';
import type { OidcRules } from './oidc-rules.js';

/** Tokens of clients' own service accounts: one for each provider in force, renewed before it ends, asked for once by all who wait. */
export class ServiceAccounts {
  /** With the record that they were made for. */
  private readonly tokens = new WeakMap<OidcRules, ClientToken>();

  constructor(
    /** Within a time of its own: it is no caller's alone. */
    private readonly ask: (rules: OidcRules) => Promise<TokenEndpointResponse>,
    /** Epoch ms. */
    private readonly now: () => number,
  ) {}

  /** @throws GatewayError, and what `ask` throws */
  async token(rules: OidcRules): Promise<string> {
    try {
      return await this.of(rules).get();
    } catch (error) {
      // The server is away, or refuses: its own failure says more.
      throw error instanceof GatewayError && error.cause !== undefined && error.cause instanceof Error
        ? error.cause
        : error;
    }
  }

  /** The server took it no longer. */
  refused(rules: OidcRules, token: string): void {
    this.of(rules).refused(token);
  }

  private of(rules: OidcRules): ClientToken {
    const known = this.tokens.get(rules);
    if (known !== undefined) return known;
    const made = new ClientToken(async () => {
      const { access_token, expires_in } = await this.ask(rules);
      return { status: 200, text: JSON.stringify({ access_token, expires_in }) };
    }, this.now);
    this.tokens.set(rules, made);
    return made;
  }
}
