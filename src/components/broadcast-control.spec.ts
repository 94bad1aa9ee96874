import { describe, expect, it } from '@jest/globals';
import { BroadcastHub } from '../broadcast/broadcast-hub.js';
import type { Way, WayEvents } from '../broadcast/way.js';
import { FakeControl } from '../../test/support/control-fakes.js';
import { BroadcastControl } from './broadcast-control.js';

const everybody = new Set<WayEvents>();
const aWay = (): Way => ({
  ...{ kind: 'redis', name: 'a fake' },
  open: (events) => {
    everybody.add(events);
    events.up();
  },
  send: async (text) => everybody.forEach((events) => events.received(text)),
  close: async () => undefined,
});

async function aProcess() {
  const local = new FakeControl();
  const hub = new BroadcastHub({ gatewayId: 'g', ways: async () => [aWay()], log: () => undefined });
  const control = new BroadcastControl(local, hub, () => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  return { local, control };
}

describe('a refresh', () => {
  it('is of every process of the gateway, once', async () => {
    const [one, other] = [await aProcess(), await aProcess()];
    expect(await one.control.refresh()).toBe(one.local.outcome);
    expect([one.local.refreshes, other.local.refreshes]).toEqual([[{}], [{ acceptEmpty: false }]]);
  });
  it('that accepts an empty source does so everywhere', async () => {
    const [one, other] = [await aProcess(), await aProcess()];
    await one.control.refresh({ acceptEmpty: true });
    expect(other.local.refreshes).toEqual([{ acceptEmpty: true }]);
  });
  it('comes by itself when messages may have been missed, and not at the start', async () => {
    const { local } = await aProcess();
    expect(local.refreshes).toEqual([]);
    const last = [...everybody].at(-1)!;
    last.down('gone');
    last.up();
    expect(local.refreshes).toEqual([{ acceptEmpty: false }]);
  });
  it('is not heard of any more after a stop', async () => {
    const [one, other] = [await aProcess(), await aProcess()];
    other.control.stop();
    await one.control.refresh();
    expect(other.local.refreshes).toEqual([]);
  });
});
