import { describe, expect, it } from '@jest/globals';
import type { Worker } from 'node:cluster';
import { ConnectionsInTransit } from './connections-in-transit.js';

class Handle {
  closed = 0;
  close(): void {
    this.closed++;
  }
}
function aWorker() {
  const sent: unknown[][] = [];
  const child = { send: (...given: unknown[]) => sent.push(given) > 0 };
  const worker = { process: child } as unknown as Worker;
  const give = (handle: Handle, key = 'public'): boolean => child.send({ act: 'newconn', key }, handle);
  return { worker, sent, child, give };
}

describe('a connection that is on its way to a worker', () => {
  it('is closed where the worker ends: its client must not wait for ever', () => {
    const transit = new ConnectionsInTransit();
    const { worker, give, sent } = aWorker();
    transit.watch(worker);
    const [kept, managed] = [new Handle(), new Handle()];
    give(kept);
    give(managed, 'management');
    transit.ended(worker);
    expect([kept.closed, managed.closed, sent.length]).toEqual([1, 1, 2]);
  });
  it('is left alone where it was given to another, or the next has come', () => {
    const transit = new ConnectionsInTransit();
    const [one, other] = [aWorker(), aWorker()];
    transit.watch(one.worker);
    transit.watch(other.worker);
    const [refused, arrived, last] = [new Handle(), new Handle(), new Handle()];
    one.give(refused, 'management');
    other.give(refused, 'management');
    one.give(arrived);
    one.give(last);
    transit.ended(one.worker);
    expect([refused.closed, arrived.closed, last.closed]).toEqual([0, 0, 1]);
  });
  it('is told from messages, which pass as they are', () => {
    const transit = new ConnectionsInTransit();
    const { worker, child, sent } = aWorker();
    transit.watch(worker);
    const done = (): void => undefined;
    child.send({ kind: 'told' }, done);
    expect(sent).toEqual([[{ kind: 'told' }, done]]);
    transit.ended(worker);
  });
});
