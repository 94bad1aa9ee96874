import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { loadFolderOnce } from '../../src/components/load-folder-once.js';
import { readSettings } from '../../src/settings/read-settings.js';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'examples/kubernetes');

/** As far as it is looked at here. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- as deep as Kubernetes has it
}
const manifests = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
  .map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
const the = (kind: string, name = 'sluice'): Manifest =>
  manifests.find((each) => each.kind === kind && each.metadata.name === name)!;
const pod = the('Deployment').spec.template.spec;
const [container] = pod.containers;
const application = the('ConfigMap').data!['application.yaml']!;

describe('examples/kubernetes', () => {
  it('has what a gateway and a runner need', () => {
    expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([
      'ConfigMap sluice',
      'Deployment sluice',
      'HorizontalPodAutoscaler sluice',
      'PodDisruptionBudget sluice',
      'Secret sluice',
      'Service orders',
      'Service sluice',
    ]);
  });
  it('selects the pods that it makes', () => {
    const { labels } = the('Deployment').spec.template.metadata;
    for (const kind of ['Deployment', 'PodDisruptionBudget'])
      expect([kind, the(kind).spec.selector.matchLabels]).toEqual([kind, labels]);
    expect(the('Service').spec.selector).toEqual(labels);
    expect(the('HorizontalPodAutoscaler').spec.scaleTargetRef.name).toBe('sluice');
  });
});

describe('its settings', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'sluice-kubernetes-'));
  writeFileSync(join(cwd, 'application.yaml'), application);
  const settings = readSettings({ argv: ['--config', 'application.yaml'], env: the('Secret').stringData!, cwd });
  rmSync(cwd, { recursive: true });

  it('are known, and without a fault', () => {
    expect(settings.warnings).toEqual([]);
    expect(settings.settings.storage.databaseUrl).toBe(the('Secret').stringData!['SLUICE_DATABASE_URL']);
  });
  it('give a pod time to end: more than preStop, delay and grace together', () => {
    const { shutdownDelayMs, shutdownGraceMs } = settings.settings.server;
    const preStopSeconds = Number(container.lifecycle.preStop.exec.command[1]);
    const needed = preStopSeconds + (shutdownDelayMs + shutdownGraceMs) / 1000;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(needed + 5);
    const { periodSeconds, failureThreshold } = container.readinessProbe;
    expect(shutdownDelayMs / 1000).toBeGreaterThan(periodSeconds * failureThreshold);
  });
  it('listen where probes and Service ask', () => {
    expect(container.ports).toEqual([{ name: 'http', containerPort: settings.settings.server.port }]);
    const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'].map(
      (name) => (container as Record<string, { httpGet: { path: string; port: string } }>)[name]!.httpGet,
    );
    expect(probes.map(({ path }) => path)).toEqual(['/health/ready', '/health/ready', '/health/live']);
    expect([...probes.map(({ port }) => port), the('Service').spec.ports[0].targetPort]).toEqual(Array(4).fill('http'));
  });
  it('write into volumes alone', () => {
    const mounts = container.volumeMounts as { name: string; mountPath: string }[];
    expect(mounts.find(({ mountPath }) => mountPath === settings.settings.storage.dataFolder)?.name).toBe('data');
    const volumes = pod.volumes as { name: string }[];
    expect(mounts.map(({ name }) => name)).toEqual(volumes.map(({ name }) => name));
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
  });
});

describe('the records of its runner', () => {
  it('have no fault, and name the headless Service and its port', async () => {
    const set = await loadFolderOnce({ folder: join(folder, 'components'), gatewayId: 'default' });
    expect(set.findings.filter(({ severity }) => severity === 'fault')).toEqual([]);
    const { metadata, spec } = the('Service', 'orders');
    const [port] = spec.ports;
    expect(spec.clusterIP).toBe('None');
    const { record } = set.records.system.get('orders') as unknown as {
      record: { parameters: Record<string, unknown> };
    };
    expect(record.parameters['server.baseUrl']).toContain(`://_${port.name}._tcp.${metadata.name}.`);
  });
});
