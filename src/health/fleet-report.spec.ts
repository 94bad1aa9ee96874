import { afterEach, describe, expect, it } from '@jest/globals';
import type { FindingBoard, StandingFinding } from '../contracts/components.js';
import type { Fleet, FleetAnswers } from '../contracts/fleet.js';
import { Metrics } from '../observability/metrics.js';
import { FleetReport } from './fleet-report.js';

const finding = (id: string, since: string): StandingFinding => ({
  ...{ kind: 'channel', id, severity: 'fault', pointer: '', code: 17001, message: 'wrong' },
  since,
});
const own = [finding('own', '2026-01-01T00:00:00Z')];
const board: FindingBoard = { replace: () => undefined, standing: () => own };
const WORKERS = [{ worker: 0, pid: 7, state: 'ready' as const, restarts: 2, uptimeSeconds: 5, inFlight: 0 }];

const opened: Metrics[] = [];
afterEach(() => {
  for (const metrics of opened.splice(0)) metrics.close();
});
function aReport(answers: FleetAnswers | null | 'alone'): FleetReport {
  const metrics = new Metrics('g');
  opened.push(metrics);
  metrics.addCounter('sluice_test', 'A test.', () => 3);
  const fleet = answers === 'alone' ? null : ({ ask: () => Promise.resolve(answers) } as unknown as Fleet);
  return new FleetReport(metrics, board, fleet);
}
const metric = (value: number): string =>
  JSON.stringify([
    { name: 'sluice_test', help: 'A test.', type: 'counter', aggregator: 'sum', values: [{ labels: {}, value }] },
  ]);

describe('health details', () => {
  it('of a process alone are its own, and know no workers', async () => {
    expect(await aReport('alone').details()).toEqual({ faults: own });
  });
  it('of several workers have the faults of each, once and with their earliest moment, and the workers', async () => {
    const parts = [
      [finding('a', '2026-01-02T00:00:00Z'), finding('b', '2026-01-02T00:00:00Z')],
      [finding('a', '2026-01-01T00:00:00Z')],
    ].map((part) => JSON.stringify(part));
    expect(await aReport({ workers: WORKERS, parts, past: [] }).details()).toEqual({
      faults: [finding('a', '2026-01-01T00:00:00Z'), finding('b', '2026-01-02T00:00:00Z')],
      workers: WORKERS,
    });
  });
  it('are those of the worker that is asked where the supervisor does not answer', async () => {
    expect(await aReport(null).details()).toEqual({ faults: own });
  });
});

describe('metrics', () => {
  it('of a process alone are its own', async () => {
    expect(await aReport('alone').metricsText()).toContain('sluice_test{gateway="g"} 3');
  });
  it('of several workers are their sums', async () => {
    const answers = { workers: WORKERS, parts: [metric(1), metric(2)], past: [metric(40)] };
    expect(await aReport(answers).metricsText()).toMatch(/^sluice_test 43$/m);
  });
  it('are not had where the supervisor does not answer: those of one would pass for those of all', async () => {
    await expect(aReport(null).metricsText()).rejects.toMatchObject({ status: 503 });
  });
});
