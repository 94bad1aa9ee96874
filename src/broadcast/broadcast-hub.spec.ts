import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../contracts/json.js';
import { BroadcastHub } from './broadcast-hub.js';
import { MOST_BYTES } from './envelope.js';
import type { Way, WayEvents } from './way.js';

/** A server that everybody is connected to, until the test takes it away. */
class FakeServer {
  private readonly everybody = new Set<WayEvents>();
  isAway = false;
  opened = 0;

  way(kind: Way['kind'] = 'redis'): Way {
    return {
      kind,
      name: `a fake ${kind}`,
      open: (events) => {
        this.opened++;
        this.everybody.add(events);
        if (this.isAway) events.down('refused');
        else events.up();
      },
      send: async (text) => {
        if (this.isAway) throw new Error('away');
        this.say(text);
      },
      close: async () => undefined,
    };
  }

  say(text: string): void {
    for (const events of this.everybody) events.received(text);
  }
  goAway(): void {
    this.isAway = true;
    for (const events of this.everybody) events.down('gone');
  }
  comeBack(): void {
    this.isAway = false;
    for (const events of this.everybody) events.up();
  }
}

const hubs: BroadcastHub[] = [];
afterEach(() => Promise.all(hubs.splice(0).map((hub) => hub.close())));

function aHub(ways: readonly Way[], gatewayId = 'shop'): BroadcastHub {
  const hub = new BroadcastHub({ gatewayId, ways: async () => ways, log: () => undefined });
  hubs.push(hub);
  return hub;
}
function heardBy(hub: BroadcastHub, topic = 'refresh'): JsonObject[] {
  const heard: JsonObject[] = [];
  hub.subscribe(topic, (message) => void heard.push(message));
  return heard;
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a message', () => {
  it('reaches the subscribers of its topic in every process of the gateway, and no others', async () => {
    const server = new FakeServer();
    const [one, other, foreign] = [aHub([server.way()]), aHub([server.way()]), aHub([server.way()], 'admin')];
    const [own, theirs, elsewhere] = [heardBy(one), heardBy(other), heardBy(foreign)];
    const otherTopic = heardBy(other, 'revoked');
    await settled();
    await one.publish('refresh', { id: '*' });
    expect([own, theirs, elsewhere, otherTopic]).toEqual([[{ id: '*' }], [{ id: '*' }], [], []]);
    expect([one.received, other.received, foreign.received]).toEqual([0, 1, 0]);
  });
  it('that comes over two ways is heard once', async () => {
    const [host, net] = [new FakeServer(), new FakeServer()];
    const [one, other] = [aHub([host.way('workers'), net.way()]), aHub([host.way('workers'), net.way()])];
    const heard = heardBy(other);
    await settled();
    await one.publish('refresh', {});
    expect([heard.length, other.received]).toEqual([1, 1]);
  });
  it('stays within the process where there is no way', async () => {
    const alone = aHub([]);
    const heard = heardBy(alone);
    await alone.publish('refresh', { a: 1 });
    expect(heard).toEqual([{ a: 1 }]);
  });
  it('is refused with its size where it is larger than 7,500 bytes', async () => {
    const hub = aHub([]);
    const heard = heardBy(hub);
    await expect(hub.publish('refresh', { text: 'x'.repeat(MOST_BYTES) })).rejects.toThrow(
      /on topic refresh has 7\d\d\d bytes .*at most 7500/,
    );
    expect(heard).toEqual([]);
  });
  it('reaches all, also where a listener fails', async () => {
    const hub = aHub([]);
    hub.subscribe('refresh', () => {
      throw new Error('boom');
    });
    const heard = heardBy(hub);
    await hub.publish('refresh', {});
    expect(heard).toHaveLength(1);
  });
  it('is not told to who has unsubscribed', async () => {
    const hub = aHub([]);
    const heard: JsonObject[] = [];
    hub.subscribe('refresh', (message) => void heard.push(message))();
    await hub.publish('refresh', {});
    expect(heard).toEqual([]);
  });
});

describe('garbage', () => {
  it.each(['', 'x', 'null', '[]', '{}', '{"gateway":"shop","topic":"refresh","message":[],"sender":"a","sequence":1}'])(
    'such as %p is ignored, and counted',
    async (text) => {
      const server = new FakeServer();
      const hub = aHub([server.way()]);
      const heard = heardBy(hub);
      await settled();
      server.say(text);
      expect([heard, hub.dropped.garbage]).toEqual([[], 1]);
    },
  );
});

describe('a way', () => {
  it('is opened by the first who publishes or listens, and not before', async () => {
    const server = new FakeServer();
    const hub = aHub([server.way()]);
    await settled();
    expect(server.opened).toBe(0);
    await hub.publish('refresh', {});
    await hub.publish('refresh', {});
    expect(server.opened).toBe(1);
  });
  it('that is away keeps messages, and has them go when it is back', async () => {
    const server = new FakeServer();
    const [one, other] = [aHub([server.way()]), aHub([server.way()])];
    const heard = heardBy(other);
    await one.publish('refresh', { n: 0 });
    server.goAway();
    await one.publish('refresh', { n: 1 });
    await one.publish('refresh', { n: 2 });
    expect(heard).toEqual([{ n: 0 }]);
    server.comeBack();
    await settled();
    expect(heard).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
    expect(one.links.map(({ sent }) => sent)).toEqual([3]);
  });
  it('tells of each gap, and whether it is the first opening', async () => {
    const server = new FakeServer();
    const hub = aHub([server.way()]);
    const gaps: boolean[] = [];
    hub.onGap(({ isAfterLoss }) => gaps.push(isAfterLoss));
    heardBy(hub);
    await settled();
    expect(gaps).toEqual([false]);
    server.goAway();
    server.comeBack();
    expect(gaps).toEqual([false, true]);
  });
  it('that cannot be opened at the start is a gap too when it can', async () => {
    const server = new FakeServer();
    server.isAway = true;
    const hub = aHub([server.way()]);
    const gaps: boolean[] = [];
    hub.onGap(({ isAfterLoss }) => gaps.push(isAfterLoss));
    heardBy(hub);
    await settled();
    server.comeBack();
    expect(gaps).toEqual([true]);
  });
  it('tells why it is away for as long as it is', async () => {
    const server = new FakeServer();
    const hub = aHub([server.way()]);
    const told: (readonly string[])[] = [];
    hub.onProblems((problems) => told.push(problems));
    heardBy(hub);
    await settled();
    server.goAway();
    server.comeBack();
    expect(told).toEqual([[], [expect.stringMatching(/over a fake redis does not get through \(gone\)/)], []]);
  });
});
