import { SoakGateway } from './gateway.mjs';
import { aPair, others } from './records.mjs';
import { asSource, Source } from './source.mjs';
import { swapUnderLoad } from './swaps.mjs';
import { Traffic } from './traffic.mjs';

/** The source changes both records at once; the gateway is told to look by SIGHUP. */
export const name = 'swaps-rest';

export async function prove({ swaps }) {
  const traffic = await Traffic.started();
  const steady = aPair('steady', traffic.ports.steady, 1);
  const records = (version) => asSource([aPair('swapped', traffic.ports.swapped, version), steady], others());
  const source = await Source.started(records(1));
  const gateway = await SoakGateway.started({ settings: { ...source.settings, 'config.loader.timeout': 10_000 } });
  try {
    return await swapUnderLoad({
      ...{ gateway, traffic, swaps },
      async write(version) {
        await source.set(records(version));
        gateway.refresh();
      },
    });
  } finally {
    traffic.end();
    await gateway.end();
    await source.kill();
  }
}
