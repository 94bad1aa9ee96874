import { describe, expect, it } from '@jest/globals';
import type { GatewayOptions } from '../contracts/gateway-options.js';
import { toGatewayOptions } from './gateway-options.js';
import { readSettings } from './read-settings.js';

function optionsFor(...pairs: string[]): GatewayOptions {
  const argv = pairs.flatMap((pair) => ['--set', pair]);
  return toGatewayOptions(readSettings({ argv, env: {}, cwd: '/nonexistent' }).settings);
}

describe('options of the data plane', () => {
  it('are the defaults where nothing is set', () => {
    expect(optionsFor()).toEqual({
      gatewayId: 'default',
      idPrefix: 'default',
      allowRequestId: false,
      requestIdHeader: 'X-Request-Id',
      requestIdHeaderOn: 'none',
      traceIdHeader: 'X-Trace-Id',
      traceIdHeaderOn: 'none',
      allowBranch: true,
      requestFamilyEnabled: true,
      authFamilyEnabled: true,
      authCallsPerMinute: 600,
      ownSegments: new Set(['admin']),
      controlEnabled: true,
      rateCache: { mostBuckets: 10_000, expiryMs: 120_000 },
      acceptClientTrace: false,
      traceSampling: 1,
      maxBodyBytes: Infinity,
      maxBufferedBytes: 1_024_000,
      maxHeaderBytes: 32_768,
      requestTimeoutMs: 60_000,
      headersTimeoutMs: 15_000,
      keepAliveTimeoutMs: 72_000,
      trustedProxies: { mode: 'none' },
      securityHeaders: true,
      cors: null,
      csrf: null,
      logRequests: 'all',
      hasManagementListener: false,
      allowUnsignedTokens: false,
      discovery: { consulAddress: null, consulToken: null, dnsServers: [] },
    });
  });
  it('have the limits and switches that are set', () => {
    expect(
      optionsFor(
        'request.maxSize=0',
        'server.management.port=0',
        'server.trustProxy=true',
        'request.controller.enabled=false',
      ),
    ).toMatchObject({
      maxBodyBytes: 0,
      hasManagementListener: true,
      trustedProxies: { mode: 'all' },
      requestFamilyEnabled: false,
    });
  });
  it('have the rules for browsers where those are asked for', () => {
    expect(optionsFor('security.csrf.enabled=true').csrf).toEqual({ cookie: false });
    expect(optionsFor('security.csrf.enabled=true', 'security.csrf.cookie=true').csrf).toEqual({ cookie: true });
    const { cors } = optionsFor('security.cors.enabled=true', 'security.cors.allowed.origins=https://a.example');
    expect([cors?.allowsOrigin('https://a.example'), cors?.allowsOrigin('https://b.example')]).toEqual([true, false]);
    expect(Object.isFrozen(cors)).toBe(true);
  });
  it('begin request ids with the prefix, else with the name of the gateway as far as headers take it', () => {
    expect(optionsFor('gateway.id=käse 1').idPrefix).toBe('k_se_1');
    expect(optionsFor('gateway.id=a', 'id.prefix=b').idPrefix).toBe('b');
  });
});
