import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './answers.mjs';
import { SoakGateway } from './gateway.mjs';
import { aPair } from './records.mjs';
import { asSource, Source } from './source.mjs';
import { round } from './swaps.mjs';
import { Traffic } from './traffic.mjs';

/** Kill -9 of the gateway under load and in the middle of its start, with its source there and away: it comes back with what was good. */
export const name = 'killed-gateway';

export async function prove() {
  const traffic = await Traffic.started();
  const records = (version) =>
    asSource([aPair('swapped', traffic.ports.swapped, version), aPair('steady', traffic.ports.steady, 1)]);
  const source = await Source.started(records(1));
  const gateway = await SoakGateway.started({ settings: { ...source.settings, 'gateway.refreshMs': 500 } });
  const figures = {};
  const complaints = [];
  const back = async (what) => {
    const begun = performance.now();
    gateway.start();
    await gateway.ready();
    const { answers } = await traffic.ask('figures');
    await until('answers again', async () => (await traffic.ask('figures')).answers > answers);
    figures[`${what}: ms from start to serving`] = round(performance.now() - begun);
  };
  try {
    await until('a snapshot', () => existsSync(join(gateway.dataFolder, 'snapshot.json')));
    await traffic.begin(gateway.port);
    await traffic.sees(1);
    await gateway.end('SIGKILL');
    await back('killed under load');
    await source.kill();
    await gateway.end('SIGKILL');
    await back('killed under load, its source away');
    const [fault] = await gateway.faults();
    if (!/last known good/.test(fault?.message ?? '')) complaints.push(`not told: ${JSON.stringify(fault)}`);
    for (const ms of [50, 150, 300, 450, 600]) {
      await gateway.end('SIGKILL');
      gateway.start();
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
    await gateway.end('SIGKILL');
    await back('killed five times in its start, its source away');
    await source.set(records(2));
    await source.start();
    await traffic.sees(2);
    await until('the fault goes away', async () => (await gateway.faults()).length === 0);
    const told = (await traffic.ask('figures')).complaints.filter((text) => text !== 'the connection broke off');
    complaints.push(...told);
    return { figures, complaints };
  } finally {
    traffic.end();
    await gateway.end('SIGKILL');
    await source.kill();
  }
}
