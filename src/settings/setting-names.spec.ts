import { describe, expect, it } from '@jest/globals';
import { SettingsRejected } from './faults.js';
import { readSettings, type LoadedSettings } from './read-settings.js';

const NOWHERE = '/nonexistent';
const set = (...pairs: string[]): LoadedSettings =>
  readSettings({ argv: pairs.flatMap((pair) => ['--set', pair]), env: {}, cwd: NOWHERE });
const environment = (env: NodeJS.ProcessEnv): LoadedSettings => readSettings({ argv: [], env, cwd: NOWHERE });

function refusals(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof SettingsRejected)
      return error.faults.map(({ property, problem }) => `${property}: ${problem}`);
    throw error;
  }
  return [];
}

const UNPROTECTED = 'is not in force in this release; refusing to start rather than to run unprotected';

describe('unknown names', () => {
  it('are a warning that suggests the nearest known one', () => {
    expect(set('server.prot=1').warnings).toEqual([
      'Setting "server.prot" is unknown; did you mean server.port? (--set)',
    ]);
    expect(set('server.max-header-size=5000').warnings[0]).toContain('server.maxHeaderSize');
    expect(set('redis.ulr=x').warnings[0]).toContain('redis.url');
  });
  it('are a warning without a suggestion where nothing is near', () => {
    expect(set('completely.different.thing=1').warnings).toEqual([
      'Setting "completely.different.thing" is unknown (--set)',
    ]);
  });
  it('are a warning in the environment, too', () => {
    expect(environment({ SLUICE_SERVER_MAX_HEADER_SIZE: '1', SLUICE_FOOBARBAZ: '1' }).warnings).toEqual([
      'Environment variable SLUICE_FOOBARBAZ names no setting',
      'Environment variable SLUICE_SERVER_MAX_HEADER_SIZE names no setting; did you mean SLUICE_SERVER_MAXHEADERSIZE?',
    ]);
  });
  it('show no value, which might be a secret', () => {
    expect(
      set('databse.url=postgres://u:hunter2@h', 'database.url=postgres://u:hunter2@h').warnings.join(),
    ).not.toContain('hunter2');
  });
});

describe('names in the environment', () => {
  it('are upper case, with underscores for dots, and keep camelCase humps together', () => {
    const { settings } = environment({
      SLUICE_SERVER_MAXHEADERSIZE: '5000',
      SLUICE_SECURITY_ACTUATOR_ALLOWED_IPS: '10.0.0.1',
      SLUICE_ID_INSTANCENUM_CLASS: 'ordinal',
    });
    expect(settings.server.maxHeaderBytes).toBe(5000);
    expect(settings.security.actuatorAllowedIps).toEqual(['10.0.0.1']);
    expect(settings.id.instanceNumber).toBe('ordinal');
  });
  it('are ours alone: nothing else is looked at', () => {
    expect(environment({ SERVER_PORT: '1', PATH: '/bin', sluice_server_port: '2' })).toMatchObject({ warnings: [] });
  });
  it('are not what Kubernetes adds for services called sluice', () => {
    const { settings, warnings } = environment({
      SLUICE_SERVICE_HOST: '10.0.0.1',
      SLUICE_SERVICE_PORT_HTTP: '80',
      SLUICE_PORT: 'tcp://10.0.0.1:80',
      SLUICE_PORT_80_TCP_ADDR: '10.0.0.1',
      SLUICE_SERVER_PORT: 'tcp://10.0.0.2:1234',
    });
    expect(settings.server.port).toBe(1234);
    expect(warnings).toEqual([]);
  });
});

describe('settings of later capabilities', () => {
  it('are a warning', () => {
    expect(set('server.http2.enabled=true', 'command.kafka.enabled=true').warnings).toEqual([
      'Setting server.http2.enabled is known, but not in force in this release (--set)',
      'Setting command.kafka.enabled is known, but not in force in this release (--set)',
    ]);
    expect(environment({ SLUICE_OPENAPI_CONTROLLER_ENABLED: 'true' }).warnings).toHaveLength(1);
  });
  it('are nothing where they ask for what this release does anyway', () => {
    expect(
      set('server.http2.enabled=false', 'server.workers=1', 'server.ssl.enabled=no', 'security.mtls.server.keyId='),
    ).toMatchObject({ warnings: [] });
  });
  it.each([
    'security.mtls.server.keyId=x',
    'rierino.security.mtls.server.key-id=x',
    'security.mtls.server.key-id=x',
    'security.mtls.server.trusted.auth=REQUIRE',
    'security.mtls.client.self.enabled=yes',
    'server.ssl.enabled=true',
    'server.ssl.key-store=x.p12',
  ])('stop the start where they protect: %s', (pair) => {
    const refused = refusals(() => set(pair));
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(UNPROTECTED);
  });
  it('stop the start from the environment as well', () => {
    expect(refusals(() => environment({ SLUICE_SECURITY_MTLS_SERVER_KEYID: 'x' }))).toHaveLength(1);
    expect(refusals(() => environment({ RIERINO_SERVER_SSL_KEYSTORE: 'x' }))).toHaveLength(1);
  });
  it('count as the last source has them', () => {
    expect(refusals(() => set('server.ssl.enabled=true', 'server.ssl.enabled=false'))).toEqual([]);
    expect(refusals(() => set('server.ssl.enabled=false', 'server.ssl.enabled=true'))).toHaveLength(1);
  });
  it('do not stop it where TLS of Spring is switched off', () => {
    expect(refusals(() => set('server.ssl.key-store=x.p12', 'server.ssl.enabled=false'))).toEqual([]);
  });
});
