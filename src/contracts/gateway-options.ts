import type { CorsRules } from './cors-rules.js';
import type { TrustedProxies } from './trusted-proxies.js';

export type HeaderOn = 'none' | 'always' | 'error';

/** The registries that say where the instances of balanced backends are. */
export interface DiscoveryOptions {
  /** URL without a slash at its end; null: there is no Consul. */
  readonly consulAddress: string | null;
  /** Secret. */
  readonly consulToken: string | null;
  /** `ip`, `ip:port` or `[ip]:port`; none: those of the system. */
  readonly dnsServers: readonly string[];
}

/** The settings that the data plane needs, in our names and units (spec/settings.md has the contract's). */
export interface GatewayOptions {
  readonly gatewayId: string;
  readonly idPrefix: string;
  readonly allowRequestId: boolean;
  readonly requestIdHeader: string;
  readonly requestIdHeaderOn: HeaderOn;
  readonly traceIdHeader: string;
  readonly traceIdHeaderOn: HeaderOn;
  readonly allowBranch: boolean;
  readonly requestFamilyEnabled: boolean;
  readonly authFamilyEnabled: boolean;
  /** Of one address. */
  readonly authCallsPerMinute: number;
  /** First segments of paths on the public listener that are not for channels: administration, the built-in servers. */
  readonly ownSegments: ReadonlySet<string>;
  /** The Control API. */
  readonly controlEnabled: boolean;
  /** Buckets of user rates that are known at once, and how long one that nobody uses is kept. */
  readonly rateCache: { readonly mostBuckets: number; readonly expiryMs: number };
  readonly acceptClientTrace: boolean;
  /** Share of new traces that are sampled, 0 to 1. */
  readonly traceSampling: number;
  /** Bytes; Infinity without a limit. */
  readonly maxBodyBytes: number;
  /** Bytes of one body that may be held in memory. */
  readonly maxBufferedBytes: number;
  readonly maxHeaderBytes: number;
  readonly requestTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly trustedProxies: TrustedProxies;
  readonly securityHeaders: boolean;
  /** Null: CORS is off. */
  readonly cors: CorsRules | null;
  /** Null: no CSRF token is asked for. `cookie`: it goes out as a cookie, too. */
  readonly csrf: { readonly cookie: boolean } | null;
  readonly logRequests: 'all' | 'errors' | 'none';
  /** A second listener has health details and metrics; the first then keeps live and ready alone. */
  readonly hasManagementListener: boolean;
  readonly discovery: DiscoveryOptions;
  /** Token records without any secret may be used (development only). */
  readonly allowUnsignedTokens: boolean;
}
export const GATEWAY_OPTIONS = Symbol('GatewayOptions');
