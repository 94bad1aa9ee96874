import { join } from 'node:path';
import { DIST, SoakGateway } from './gateway.mjs';
import { aPair, others } from './records.mjs';
import { swapUnderLoad } from './swaps.mjs';
import { Traffic } from './traffic.mjs';

/** The embedded database: both records change in one transaction, over the control socket. */
export const name = 'swaps-database';

export async function prove({ swaps }) {
  const [{ ControlClient }, { SocketEdits }] = await Promise.all(
    ['control-client', 'socket-edits'].map((module) => import(join(DIST, `control-socket/${module}.js`))),
  );
  const traffic = await Traffic.started();
  const gateway = await SoakGateway.started({ settings: { 'config.loader.type': 'database' } });
  const edits = new SocketEdits(new ControlClient(gateway.dataFolder));
  const given = (pairs, more = []) => [
    ...pairs.flatMap(({ system, channel }) => [
      { kind: 'system', ...system },
      { kind: 'channel', ...channel },
    ]),
    ...more.map((channel) => ({ kind: 'channel', ...channel })),
  ];
  const apply = async (records) => {
    const outcome = await edits.apply(records);
    if (outcome.state !== 'done') throw new Error(JSON.stringify(outcome.findings));
  };
  const pair = (version) => aPair('swapped', traffic.ports.swapped, version);
  try {
    await apply(given([pair(1), aPair('steady', traffic.ports.steady, 1)], others()));
    await serves(gateway);
    return await swapUnderLoad({ gateway, traffic, swaps, write: (version) => apply(given([pair(version)])) });
  } finally {
    traffic.end();
    await gateway.end();
  }
}

async function serves(gateway) {
  for (let tries = 0; tries < 1000; tries++) {
    const answer = await fetch(`${gateway.url}/api/request/steady/x`);
    await answer.arrayBuffer();
    if (answer.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('what was applied is not served');
}
