import { randomUUID } from 'node:crypto';
import type { FindingBoard } from '../contracts/components.js';
import type { GatewayOptions } from '../contracts/gateway-options.js';
import type { TokenLedger } from '../contracts/token-ledger.js';
import type { ProcessLog } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { VerifyStage } from './authorize/verify.stage.js';
import { traceContext, traceparent } from './edge/trace-context.js';
import { SYSTEM_CLOCK } from './execute/discovery/clock.js';
import { exchangeOrigin } from './execute/call.js';
import type { RequestIds } from './edge/request-id.js';
import type { RequestFamily } from './families/request.family.js';
import { AuthFlows } from './flows/auth-flows.js';
import { BrowserLogin } from './flows/browser-login.flow.js';
import { CustomFlow } from './flows/custom.flow.js';
import { LeaveFlow } from './flows/leave.flow.js';
import { LoginFlow } from './flows/login.flow.js';
import { ProviderStep } from './flows/provider-step.js';
import { RefreshFlow } from './flows/refresh.flow.js';
import { SagaStep } from './flows/saga-step.js';
import { SilentRefresh } from './flows/silent-refresh.js';
import { TokenIssuer } from './flows/token-issuer.js';
import type { Exchange } from './exchange.js';
import type { Caller } from './identify/caller.js';
import { Guests } from './identify/guests.js';
import { IdentifyStage } from './identify/identify.stage.js';
import { IssuerClient } from './identify/issuers/issuer-client.js';
import { IssuerCounts } from './identify/issuers/issuer-counts.js';
import { IssuerReport } from './identify/issuers/issuer-report.js';
import { Issuers } from './identify/issuers/issuers.js';
import { ApiKeys } from './identify/keys/api-keys.js';
import { LoginStates } from './identify/oidc/login-states.js';
import { OidcClient } from './identify/oidc/oidc-client.js';
import { OidcHttp } from './identify/oidc/oidc-http.js';
import { ProviderClient } from './identify/provider/provider-client.js';
import { Providers } from './identify/provider/providers.js';
import { SessionClient } from './identify/sessions/session-client.js';
import { SessionCounts } from './identify/sessions/session-counts.js';
import { SYSTEM_SESSION_CLOCK } from './identify/sessions/session-kit.js';
import { sessionReport } from './identify/sessions/session-report.js';
import { SessionServers } from './identify/sessions/session-servers.js';
import { SessionStage } from './identify/sessions/session.stage.js';
import { TokenChecks } from './identify/token-checks.js';
import { VerifiedTokens } from './identify/tokens/verified-tokens.js';
import type { CallerStages } from './authorize/authorize.stage.js';
import type { RouteTable } from './resolve/route-table.js';

export interface IdentityPorts {
  readonly options: GatewayOptions;
  readonly routes: RouteTable;
  readonly family: RequestFamily;
  readonly ids: RequestIds;
  readonly ledger: TokenLedger;
  readonly metrics: Metrics;
  readonly board: FindingBoard;
  readonly log: ProcessLog;
}

/** Tokens that are remembered: some 50 MB where each has a dozen claims. */
const MOST_TOKENS = 50_000;
/** Of the extensions that wait when the process ends. */
const FLUSH_MS = 5000;

/** Who calls, and how they come and go: one for a process. */
export class Identity {
  readonly stages: CallerStages;
  readonly flows: AuthFlows;
  readonly sessions: SessionServers;
  readonly issuers: Issuers;
  private readonly http = new OidcHttp();

  constructor(ports: IdentityPorts) {
    const { options, routes, ledger, ids, family } = ports;
    const now = Date.now;
    const { csrf } = options;
    const limits = { maxAnswerBytes: options.maxBufferedBytes, now };
    const originOf = (exchange: Exchange): string => exchangeOrigin(exchange, options, () => undefined);
    const verified = new VerifiedTokens<Caller>(MOST_TOKENS, now);
    ledger.onRevoked((digest) => verified.revoke(digest));
    const issuerCounts = new IssuerCounts();
    const issuerReport = new IssuerReport(ports.board, (...told) => ports.log.log(...told));
    this.issuers = new Issuers({
      ...{ client: new IssuerClient(), clock: SYSTEM_CLOCK, report: issuerReport, counts: issuerCounts },
    });
    this.issuers.onWithdrawn((place) => verified.forgetIf(({ kind }) => kind.issuedBy?.key === place.key));
    const { http } = this;
    const oidc = new OidcClient({ http, issuers: this.issuers, ...limits });
    const providers = new Providers({ channels: new ProviderClient(routes, limits), oidc, now });
    const checks = new TokenChecks(verified, now, (digest) => ledger.isRevoked(digest), this.issuers);
    const counts = new SessionCounts();
    this.sessions = new SessionServers({
      ...{ client: new SessionClient(routes, limits), clock: SYSTEM_SESSION_CLOCK, counts },
      report: sessionReport(ports.board, (...told) => ports.log.log(...told)),
      newIds: () => ({ requestId: ids.next(), traceparent: traceparent(traceContext({}, options)) }),
    });
    const { sessions } = this;
    const provider = new ProviderStep(providers, originOf);
    const saga = new SagaStep({ routes, originOf, maxAnswerBytes: limits.maxAnswerBytes });
    const issuer = new TokenIssuer(ledger, now);
    const refresh = new RefreshFlow({ provider, saga, issuer, ledger, now });
    const login = new LoginFlow({ provider, saga, issuer, checks, sessions, csrf, now });
    const leave = new LeaveFlow({ provider, saga, ledger, sessions, csrf });
    const custom = new CustomFlow(provider);
    const states = new LoginStates(ledger, now);
    const browser = new BrowserLogin({ publicUrl: options.publicUrl, oidc, states, login, csrf });
    this.flows = new AuthFlows({ routes, options, checks, login, refresh, leave, custom, browser, now });
    const identify = new IdentifyStage({
      ...{ checks, csrf, originOf },
      guests: new Guests(now, randomUUID),
      apiKeys: new ApiKeys({ providers, now }),
      renewal: new SilentRefresh({ refresh, checks, csrf, now }),
      readBody: (exchange) => family.read(exchange),
    });
    this.stages = { identify, session: new SessionStage(sessions), verify: new VerifyStage({ providers, originOf }) };
    addIdentityMetrics(ports.metrics, { sessions, counts, verified });
    addIssuerMetrics(ports.metrics, issuerCounts, issuerReport);
  }

  /** When the process ends: sends what waits for session servers, and asks issuers and providers no more. */
  async close(): Promise<void> {
    await Promise.all([this.sessions.flush(FLUSH_MS), this.issuers.close(), this.http.close()]);
  }
}

function addIssuerMetrics(metrics: Metrics, counts: IssuerCounts, report: IssuerReport): void {
  metrics.addGauge('sluice_issuers_away', 'Token issuers whose keys cannot be had.', () => report.away, 'max');
  metrics.addCounter('sluice_issuer_reads_total', 'Times that the keys of an issuer were read.', () => counts.reads);
  metrics.addCounter('sluice_issuer_failures_total', 'Those of them that failed.', () => counts.failures);
}

function addIdentityMetrics(
  metrics: Metrics,
  from: { sessions: SessionServers; counts: SessionCounts; verified: VerifiedTokens<Caller> },
): void {
  const { sessions, counts, verified } = from;
  metrics.addGauge('sluice_tokens_known', 'Gateway tokens that are remembered as good.', () => verified.size);
  metrics.addGauge('sluice_sessions_known', 'Origins whose session is known.', () => sessions.known);
  metrics.addGauge('sluice_sessions_buffered', 'Extensions of sessions that wait to be sent.', () => sessions.buffered);
  metrics.addCounter('sluice_session_touches_total', 'Sessions that were touched.', () => counts.touches);
  metrics.addCounter('sluice_session_extensions_total', 'Extensions that a server took.', () => counts.extensions);
  metrics.addCounter('sluice_session_failures_total', 'Calls to session servers that failed.', () => counts.failures);
  metrics.addCounter(
    'sluice_session_dropped_total',
    'Extensions that were lost, and touches not made.',
    () => counts.dropped,
  );
}
