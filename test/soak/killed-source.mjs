import { until } from './answers.mjs';
import { SoakGateway } from './gateway.mjs';
import { aPair } from './records.mjs';
import { asSource, Source } from './source.mjs';
import { round } from './swaps.mjs';
import { Traffic } from './traffic.mjs';

/** Kill -9 of the configuration server, under load and while a gateway starts; and one that answers badly. */
export const name = 'killed-source';

const BAD = ['html', 'error', 'nothing', 'garbage', 'partial', 'slow', 'silent', 'empty'];

export async function prove() {
  const traffic = await Traffic.started();
  const records = (version) =>
    asSource([aPair('swapped', traffic.ports.swapped, version), aPair('steady', traffic.ports.steady, 1)]);
  const source = await Source.started(records(1));
  const settings = { ...source.settings, 'gateway.refreshMs': 500 };
  const gateway = await SoakGateway.started({ settings });
  const figures = {};
  const complaints = [];
  const loadFaults = async () => (await gateway.faults()).filter(({ id }) => id === '*');
  /** Until the fault is there, and until a change of the source is served again. */
  const heals = async (what, version, mend) => {
    const [fault] = await until(`${what}: a fault in health`, async () => {
      const faults = await loadFaults();
      return faults.length > 0 && faults;
    });
    await source.set(records(version));
    const begun = performance.now();
    await mend();
    await traffic.sees(version);
    figures[`${what}: ms until it is back`] = round(performance.now() - begun);
    await until(`${what}: the fault goes away`, async () => (await loadFaults()).length === 0);
    return fault.message;
  };
  try {
    await traffic.begin(gateway.port);
    await traffic.sees(1);
    let version = 2;
    await source.kill();
    const told = await heals('killed under load', version++, () => source.start());
    if (!/refuses the connection|closed the connection|broke the connection/.test(told))
      complaints.push(`not clear: ${told}`);
    for (const mode of BAD) {
      await source.mode(mode);
      const message = await heals(`a source that is ${mode}`, version++, () => source.mode('good'));
      figures[`a source that is ${mode}: told`] = message.replace(/http:\S+/, 'URL').slice(0, 160);
    }
    const { failed, answers, complaints: told2 } = await traffic.ask('figures');
    Object.assign(figures, { answers, 'failed, refused or mixed': failed });
    if (failed > 0) complaints.push(`${failed} answers failed`, ...told2);
    await traffic.ask('pause');
    Object.assign(figures, await coldStarts({ gateway, source, complaints, records, version, traffic }));
    return { figures, complaints };
  } finally {
    traffic.end();
    await gateway.end('SIGKILL');
    await source.kill();
  }
}

/** The source is away when the gateway starts: with a snapshot it serves, without one it waits. */
async function coldStarts({ gateway, source, complaints, records, version, traffic }) {
  const figures = {};
  await gateway.end();
  await source.kill();
  gateway.start();
  figures['started without the source, with a snapshot: ms until ready'] = round(await gateway.ready());
  await traffic.begin(gateway.port);
  await traffic.sees(version - 1);
  await source.set(records(version));
  let begun = performance.now();
  await source.start();
  await traffic.sees(version);
  figures['the source comes to it: ms until its records serve'] = round(performance.now() - begun);
  const { failed, complaints: told } = await traffic.ask('figures');
  if (failed > 0) complaints.push(`with a snapshot: ${failed} answers failed`, ...told);
  await traffic.ask('pause');

  await source.kill();
  const cold = new SoakGateway(gateway.port, { settings: gateway.settings });
  await gateway.end();
  cold.start();
  try {
    await until('a fault in health', async () => (await cold.faults().catch(() => [])).length > 0);
    if (await cold.isReady()) complaints.push('a gateway without records says that it is ready');
    begun = performance.now();
    await source.start();
    await cold.ready();
    figures['started without the source and without a snapshot: ms from the source to ready'] = round(
      performance.now() - begun,
    );
  } finally {
    await cold.end('SIGKILL');
  }
  return figures;
}
