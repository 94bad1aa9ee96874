import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SoakGateway } from './gateway.mjs';
import { aPair, asFile, others } from './records.mjs';
import { swapUnderLoad } from './swaps.mjs';
import { Traffic } from './traffic.mjs';

/** Both records stand in one file, which is written as a program does and as an editor does, in turn. */
export const name = 'swaps-files';

export async function prove({ swaps }) {
  const traffic = await Traffic.started();
  const pair = (version) => asFile(aPair('swapped', traffic.ports.swapped, version));
  const gateway = await SoakGateway.started({
    components: {
      'swapped.json': pair(1),
      'steady.json': asFile(aPair('steady', traffic.ports.steady, 1)),
      'others.json': { channels: others() },
    },
  });
  const file = join(gateway.home, 'components/swapped.json');
  const aside = join(gateway.home, 'components/.swapped.json.swp');
  try {
    return await swapUnderLoad({
      ...{ gateway, traffic, swaps },
      write(version) {
        const text = JSON.stringify(pair(version));
        writeFileSync(version % 2 === 0 ? file : aside, text);
        if (version % 2 === 1) renameSync(aside, file);
      },
    });
  } finally {
    traffic.end();
    await gateway.end();
  }
}
