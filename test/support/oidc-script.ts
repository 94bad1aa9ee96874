import type { Issuer, IssuerCheck, IssuerDirectory } from '../../src/gateway/identify/issuers/issuer.js';
import { NOBODY } from '../../src/gateway/identify/provider/bounded-call.js';
import type { ProviderRequest } from '../../src/gateway/identify/provider/provider-client.js';
import { providerRulesOf, type OidcProvider } from '../../src/gateway/identify/provider/provider-rules.js';
import { OidcClient, type CallLimits } from '../../src/gateway/identify/oidc/oidc-client.js';
import type { OidcFetch, OidcMessage } from '../../src/gateway/identify/oidc/oidc-http.js';

type Members = Readonly<Record<string, unknown>>;

export const ISSUER = 'https://sso.example.org/realms/shop';
export const ADMIN = 'https://sso.example.org/admin/realms/shop';
export const LIMITS: CallLimits = { timeoutMs: 10_000, cancellation: NOBODY };

export function rulesOf(over: Members = {}): OidcProvider['oidc'] {
  const record = { type: 'oidc', issuer: ISSUER, clientId: 'gateway', clientSecret: 'gateway-secret', ...over };
  const { rules } = providerRulesOf(record, '/provider');
  if (rules?.kind !== 'oidc') throw new Error('The record is at fault.');
  return rules.oidc;
}

export function requestOf(action: ProviderRequest['action'], auth: Members, bodyText = '{}'): ProviderRequest {
  return {
    ...{ action, bodyText, type: '', requestId: 'r', traceparent: 't', origin: '{}', deadline: Infinity },
    auth: new Map(Object.entries(auth) as [string, string][]),
  };
}

/** One message: `POST https://…`, what stood in it, and its headers. */
export interface Sent {
  readonly at: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A provider as a list of answers: each message must be the next that is planned. No network, and no clock but the test's. */
export class OidcScript implements OidcFetch, IssuerDirectory {
  readonly sent: Sent[] = [];
  readonly clock = { now: 1_000_000 };
  /** What the issuer's keys say, one check after the other; the last stays. */
  checks: IssuerCheck[] = [];
  document: Members = {
    ...{ issuer: ISSUER, token_endpoint: `${ISSUER}/token`, introspection_endpoint: `${ISSUER}/introspect` },
    revocation_endpoint: `${ISSUER}/revoke`,
  };
  private readonly planned: [at: string, answer: () => Response | Promise<Response>][] = [];

  readonly client = new OidcClient({
    ...{ http: this, issuers: this, maxAnswerBytes: 1_000_000, now: () => this.clock.now },
  });

  /** @param at such as `POST https://…/token` */
  then(at: string, status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}): this {
    const text = body === undefined ? null : JSON.stringify(body);
    const all = { 'content-type': 'application/json', ...headers };
    this.planned.push([at, () => new Response(text, { status, headers: all })]);
    return this;
  }

  thenFail(at: string, error: Error): this {
    this.planned.push([at, () => Promise.reject(error)]);
    return this;
  }

  get left(): number {
    return this.planned.length;
  }

  async fetch(url: string, { method = 'GET', headers = {}, body }: OidcMessage): Promise<Response> {
    const at = `${method} ${url}`;
    this.sent.push({
      at,
      body: body instanceof URLSearchParams || typeof body === 'string' ? String(body) : '',
      headers,
    });
    const next = this.planned.shift();
    if (next?.[0] !== at) throw new Error(`unplanned: ${at}, where ${next?.[0] ?? 'nothing'} was`);
    return next[1]();
  }

  of(place: Issuer['place']): Issuer {
    const metadata = { issuer: place.issuer, jwksUri: null, document: this.document };
    return {
      place,
      metadata: () => metadata,
      check: () => {
        const check = this.checks.length > 1 ? this.checks.shift() : this.checks[0];
        if (check === undefined) throw new Error('unplanned: a check by keys');
        return check;
      },
    };
  }
}
