import type { GatewayOptions } from '../contracts/gateway-options.js';
import { corsRulesFrom } from './cors-rules.js';
import type { Settings } from './settings.js';
import { trustedProxiesFrom } from './trusted-proxies.js';

const limitFrom = (bytes: number): number => (bytes === -1 ? Infinity : bytes);

/** What the data plane needs of the settings. */
export function toGatewayOptions(settings: Settings): GatewayOptions {
  const { gateway, request, id, server, management, security, log, discovery, admin } = settings;
  return Object.freeze({
    gatewayId: gateway.id,
    // The id stands in headers, where a gateway's name may hold what they do not take.
    idPrefix: id.prefix ?? gateway.id.replace(/[^\x21-\x7e]/g, '_'),
    allowRequestId: gateway.allowRequestId,
    requestIdHeader: gateway.requestIdHeader,
    requestIdHeaderOn: gateway.requestIdHeaderOn,
    traceIdHeader: gateway.traceIdHeader,
    traceIdHeaderOn: gateway.traceIdHeaderOn,
    allowBranch: gateway.allowBranch,
    requestFamilyEnabled: request.familyEnabled,
    authFamilyEnabled: request.authFamilyEnabled,
    authCallsPerMinute: request.authCallsPerMinute,
    ownSegments: ownSegments(settings),
    controlEnabled: admin.controlEnabled,
    rateCache: { mostBuckets: request.mostBuckets, expiryMs: request.bucketExpiryMinutes * 60_000 },
    acceptClientTrace: request.acceptClientTrace,
    traceSampling: settings.telemetry.sampling,
    maxBodyBytes: limitFrom(request.maxBodyBytes),
    maxBufferedBytes: request.maxBufferedBytes,
    maxHeaderBytes: server.maxHeaderBytes,
    requestTimeoutMs: server.requestTimeoutMs,
    headersTimeoutMs: server.headersTimeoutMs,
    keepAliveTimeoutMs: server.keepAliveTimeoutMs,
    trustedProxies: trustedProxiesFrom(server.trustProxy),
    securityHeaders: security.headersEnabled,
    cors: corsRulesFrom(security),
    csrf: security.csrfEnabled ? Object.freeze({ cookie: security.csrfCookie }) : null,
    logRequests: log.requests,
    allowUnsignedTokens: security.allowUnsignedTokens,
    hasManagementListener: management.port !== null,
    discovery: Object.freeze({
      consulAddress: discovery.consulAddress,
      consulToken: discovery.consulToken,
      dnsServers: discovery.dnsServers,
    }),
  });
}

/** Where something of ours is served beside channels. */
function ownSegments({ admin, identity }: Settings): ReadonlySet<string> {
  return new Set([...(admin.adminEnabled ? ['admin'] : []), ...(identity.isServed ? ['auth', 'session'] : [])]);
}
