import { describe, expect, it } from '@jest/globals';
import { HealthIndicatorService, type HealthCheckService } from '@nestjs/terminus';
import type { IncomingMessage } from 'node:http';
import type { EdgeView } from '../contracts/edge-view.js';
import { HealthReport } from './health-report.js';

interface Given {
  readonly lagMs?: number;
  readonly ready?: boolean;
  readonly draining?: boolean;
  readonly clientAddress?: string;
  readonly hidesClient?: boolean;
}

/** Says "down" by an exception, as terminus does. */
const checks = {
  check: async ([indicator]: (() => Promise<Record<string, { status: string }>>)[]) => {
    const [said] = Object.values(await indicator!());
    if (said!.status !== 'up') throw new Error('down');
    return { status: 'ok' };
  },
} as unknown as HealthCheckService;

function aReport({
  lagMs = 0,
  ready = true,
  draining = false,
  clientAddress = '127.0.0.1',
  hidesClient = false,
}: Given) {
  const edge = { view: () => ({ clientAddress, hidesClient }) } as unknown as EdgeView;
  return new HealthReport(
    checks,
    new HealthIndicatorService(),
    { ready, draining },
    edge,
    { lagMs: () => lagMs },
    { has: (address) => address === '127.0.0.1' },
  );
}

describe('live', () => {
  it('looks at the event loop only', async () => {
    expect(await aReport({ ready: false, draining: true }).live()).toBe('ok');
  });
  it('is over once the event loop is stuck for 10 s', async () => {
    expect([await aReport({ lagMs: 9999 }).live(), await aReport({ lagMs: 10_000 }).live()]).toEqual(['ok', 'error']);
  });
});

describe('ready', () => {
  it('is what the life of the process says', async () => {
    expect([await aReport({}).ready(), await aReport({ ready: false }).ready()]).toEqual(['ok', 'error']);
  });
  it('is off as soon as a shutdown has begun', async () => {
    expect(await aReport({ draining: true }).ready()).toBe('error');
  });
  it('does not mind an event loop that is late', async () => {
    expect(await aReport({ lagMs: 60_000 }).ready()).toBe('ok');
  });
});

describe('details', () => {
  const mayRead = (given: Given) => aReport(given).mayReadDetails({} as IncomingMessage);

  it('are for allowed addresses only', () => {
    expect([mayRead({}), mayRead({ clientAddress: '192.0.2.1' })]).toEqual([true, false]);
  });
  it('are never for a client that hides behind a peer that is not trusted', () => {
    expect(mayRead({ hidesClient: true })).toBe(false);
  });
});
