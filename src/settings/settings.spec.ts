import { describe, expect, it } from '@jest/globals';
import { settingsOf, type SettingsClass } from './setting.decorator.js';
import { allDeclarations, SETTINGS_CLASSES } from './settings.js';

/** By hand, from the specification: a name or default that changes by accident shows here. */
const NAMES_AND_DEFAULTS: Readonly<Record<string, unknown>> = {
  'gateway.id': 'default',
  'gateway.refreshMs': 15000,
  'gateway.allowRequestId': false,
  'gateway.requestIdHeader': 'X-Request-Id',
  'gateway.requestIdHeaderOn': 'none',
  'gateway.traceIdHeader': 'X-Trace-Id',
  'gateway.traceIdHeaderOn': 'none',
  'gateway.allowBranch': true,
  'request.controller.enabled': true,
  'auth.controller.enabled': true,
  'throttle.auth.limit': 600,
  'rateLimiter.cache.maxSize': 10_000,
  'rateLimiter.cache.expiry': 2,
  'request.maxSize': -1,
  'codecs.memory.maxSize': 1024000,
  'telemetry.trace.input.enabled': false,
  'id.prefix': null,
  'id.instanceNum.class': 'epoch',
  'id.instanceNum.value': null,
  'id.partition': null,
  'server.host': '0.0.0.0',
  'server.port': 1234,
  'server.workers': 1,
  'server.maxHeaderSize': 32768,
  'server.trustProxy': ['false'],
  'server.publicUrl': null,
  'server.requestTimeout': 60000,
  'server.headersTimeout': 15000,
  'server.keepAliveTimeout': 72000,
  'server.shutdownDelayMs': 2000,
  'server.shutdownGraceMs': 30000,
  'server.management.port': null,
  'server.management.host': null,
  'security.actuator.allowed.ips': ['127.0.0.1', '::1'],
  'security.headers.enabled': true,
  'security.headers.hsts': null,
  'security.cors.enabled': false,
  'security.cors.maxAge': 1800,
  'security.cors.credentials': true,
  'security.cors.allowed.headers': [],
  'security.cors.allowed.originPatterns': [],
  'security.cors.allowed.origins': [],
  'security.cors.allowed.methods': ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  'security.csrf.enabled': false,
  'security.csrf.cookie': false,
  'token.allowUnsigned': false,
  'log.level': 'info',
  'log.format': null,
  'log.requests': 'all',
  'telemetry.otlp.endpoint': null,
  'telemetry.sampling': 1,
  'config.loader.type': 'database',
  'config.loader.folder': 'config/components',
  'config.snapshot.path': null,
  'database.url': null,
  'redis.url': null,
  'data.folder': 'data',
  'demo.enabled': 'auto',
  'config.loader.baseUrl': null,
  'config.loader.system.path': 'gateway_system',
  'config.loader.channel.path': 'gateway_channel',
  'config.loader.service.path': 'gateway_service',
  'config.loader.token.path': 'gateway_token',
  'config.loader.timeout': 60000,
  'config.loader.connectionTimeout': 10000,
  'config.loader.maxInMemorySize': 67108864,
  'config.loader.header.*': {},
  'config.loader.cookie.*': {},
  'config.loader.token': null,
  'config.loader.clientId': null,
  'config.loader.secret': null,
  'config.loader.tokenPath': null,
  'config.loader.secure': false,
  'config.loader.trustAll': false,
  'config.loader.trust': null,
  'secrets.key': null,
  'secrets.key.previous': null,
  'lookup.files.folder': null,
  'lookup.secrets.files.folder': null,
  'lookup.properties.file': null,
  'lookup.secrets.properties.file': null,
  'value.loader.class': null,
  'secret.loader.class': null,
  'lookup.vault.address': null,
  'lookup.vault.token': null,
  'lookup.vault.tokenFile': null,
  'lookup.vault.mount': null,
  'discovery.consul.address': null,
  'discovery.consul.token': null,
  'discovery.dns.servers': [],
  'spring.cloud.consul.host': null,
  'spring.cloud.consul.port': null,
};

describe('settings of this release', () => {
  it('have the names and defaults of the specification', () => {
    const found = Object.values<SettingsClass>(SETTINGS_CLASSES).flatMap((Settings) => {
      const defaults = new Settings() as Record<string, unknown>;
      return settingsOf(Settings).map(({ name, key }) => [name, defaults[key]]);
    });
    expect(Object.fromEntries(found)).toEqual(NAMES_AND_DEFAULTS);
  });
  it('each say what they mean and what they accept', () => {
    for (const { doc, expected } of allDeclarations()) {
      expect(doc).not.toBe('');
      expect(expected).not.toBe('a value');
    }
  });
});
