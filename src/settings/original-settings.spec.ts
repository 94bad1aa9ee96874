import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { levelFrom, millisecondsFrom } from './original-values.js';
import { readSettings, type LoadedSettings } from './read-settings.js';

const cwd = mkdtempSync(join(tmpdir(), 'sluice-original-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function original(...lines: string[]): LoadedSettings {
  writeFileSync(join(cwd, 'application.properties'), lines.join('\n'));
  return readSettings({ argv: ['--config', 'application.properties'], env: {}, cwd });
}

describe('an application.properties of the original', () => {
  it('is read without its prefix, in kebab-case or camelCase', () => {
    const { settings } = original(
      'rierino.gateway.id=admin_prod',
      'rierino.gateway.refresh-ms=500',
      'rierino.server.maxHeaderSize=5000',
    );
    expect(settings.gateway).toMatchObject({ id: 'admin_prod', refreshMs: 500 });
    expect(settings.server.maxHeaderBytes).toBe(5000);
  });
  it('trusts private proxies, with a warning, unless it says which', () => {
    const loaded = original('rierino.gateway.id=x');
    expect(loaded.settings.server.trustProxy).toEqual(['private']);
    expect(loaded.warnings).toHaveLength(1);
    expect(original('rierino.gateway.id=x', 'server.trustProxy=false').settings.server.trustProxy).toEqual(['false']);
  });
  it('may use the names of Spring for address, level and management', () => {
    const { settings, infos } = original(
      'server.port=8080',
      'server.address=127.0.0.1',
      'logging.level.root=OFF',
      'management.server.port=9090',
      'management.server.address=127.0.0.2',
    );
    expect(settings.server).toMatchObject({ port: 8080, host: '127.0.0.1' });
    expect(settings.log.level).toBe('fatal');
    expect(settings.management).toMatchObject({ port: 9090, host: '127.0.0.2' });
    expect(infos).toEqual([]);
  });
  it('has our names win over those of Spring, wherever they stand', () => {
    expect(original('server.host=10.0.0.1', 'server.address=10.0.0.2').settings.server.host).toBe('10.0.0.1');
  });
  it('gives the grace of a shutdown as Spring does, where names of the original are read', () => {
    const lines = ['server.shutdown=graceful', 'spring.lifecycle.timeout-per-shutdown-phase=20s'];
    expect(original('rierino.gateway.id=x', ...lines).settings.server.shutdownGraceMs).toBe(20_000);
    expect(original('rierino.gateway.id=x', 'server.shutdown=immediate').settings.server.shutdownGraceMs).toBe(0);
    const ours = original(...lines);
    expect(ours.settings.server.shutdownGraceMs).toBe(30_000);
    expect(ours.infos).toHaveLength(1);
  });
  it('has other settings of Spring listed once and skipped', () => {
    const { infos, warnings } = original(
      'spring.application.name=x',
      'management.endpoints.web=y',
      'logging.level.a.b=DEBUG',
    );
    expect(warnings).toEqual([]);
    expect(infos).toEqual([
      'Settings of Spring itself have no effect here: spring.application.name, management.endpoints.web, logging.level.a.b',
    ]);
  });
  it('may count the parts of a list', () => {
    const { settings } = original(
      'security.actuator.allowed.ips[0]=10.0.0.1',
      'security.actuator.allowed.ips[1]=10.0.0.2',
    );
    expect(settings.security.actuatorAllowedIps).toEqual(['10.0.0.1', '10.0.0.2']);
  });
  it('may give a name twice, with a warning: the later counts', () => {
    const { settings, warnings } = original('gateway.id=a', 'gateway.id=b');
    expect(settings.gateway.id).toBe('b');
    expect(warnings).toEqual([
      'gateway.id is given twice (application.properties:1 and application.properties:2); the later counts',
    ]);
  });
});

describe('the environment of the original', () => {
  it('counts as ours does, and ours wins', () => {
    const env = { RIERINO_GATEWAY_ID: 'theirs', RIERINO_SERVER_PORT: '1', SLUICE_SERVER_PORT: '2' };
    const { settings } = readSettings({ argv: [], env, cwd });
    expect([settings.gateway.id, settings.server.port]).toEqual(['theirs', 2]);
    expect(settings.server.trustProxy).toEqual(['private']);
  });
});

describe('values of Spring', () => {
  it.each([
    ['30s', '30000'],
    ['500ms', '500'],
    ['2m', '120000'],
    ['1h', '3600000'],
    ['PT1M30S', '90000'],
    ['pt0.5s', '500'],
    ['1234', '1234'],
    ['soon', 'soon'],
    ['P', 'P'],
  ])('duration %s is %s ms', (given, expected) => {
    expect(millisecondsFrom(given)).toBe(expected);
  });
  it('level OFF is our least', () => {
    expect([levelFrom('off'), levelFrom('DEBUG')]).toEqual(['fatal', 'DEBUG']);
  });
});
