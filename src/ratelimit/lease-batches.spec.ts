import { describe, expect, it } from '@jest/globals';
import type { Lease, LeaseRequest } from '../contracts/rate-store.js';
import { LeaseBatches } from './lease-batches.js';

const request = (key: string, given: Partial<LeaseRequest> = {}): LeaseRequest => ({
  ...{ key, limit: 10, periodMs: 1000, need: 1, ahead: 0, returned: 0 },
  ...given,
});

/** Statements that answer when the test says so, with so many tokens for each key. */
function theBatches(granted: Record<string, number> = {}) {
  const sent: { requests: readonly LeaseRequest[]; answer: () => void; fail: () => void }[] = [];
  const clock = { now: 0 };
  const batches = new LeaseBatches(
    (requests) => {
      const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<string, Lease>>();
      const lease = (key: string): Lease => ({ granted: granted[key] ?? 0, remaining: 0, msToNextToken: 7 });
      const answer = (): void => resolve(new Map(requests.map(({ key }) => [key, lease(key)])));
      sent.push({ requests, answer, fail: () => reject(new Error('gone')) });
      return promise;
    },
    250,
    () => clock.now,
  );
  const granting = async (...requests: LeaseRequest[]): Promise<number[]> =>
    (await batches.lease(requests)).map((lease) => lease.granted);
  return { batches, sent, clock, granting };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('leases that wait at once', () => {
  it('go two statements at a time, and together in the next', async () => {
    const { sent, granting } = theBatches({ a: 9 });
    const all = ['a', 'a', 'a', 'b', 'c'].map((key) => granting(request(key)));
    expect(sent.map(({ requests }) => requests.length)).toEqual([1, 1]);
    sent[0]!.answer();
    await settled();
    expect(sent[2]!.requests.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    sent.forEach(({ answer }) => answer());
    expect(await Promise.all(all)).toEqual([[1], [1], [1], [0], [0]]);
  });
  it('share one bucket: first what is needed, in order, then what is ahead', async () => {
    const { sent, granting } = theBatches({ a: 6 });
    const lease = granting(
      request('a', { need: 2, ahead: 4, returned: 1 }),
      request('a', { need: 3 }),
      request('a', { need: 2 }),
    );
    expect(sent[0]!.requests).toEqual([request('a', { need: 7, ahead: 4, returned: 1 })]);
    sent[0]!.answer();
    expect(await lease).toEqual([2, 3, 1]);
  });
  it('give what is ahead to the one who asked for it', async () => {
    const { sent, granting } = theBatches({ a: 6 });
    const lease = granting(request('a', { need: 1 }), request('a', { need: 1, ahead: 4 }));
    sent[0]!.answer();
    expect(await lease).toEqual([1, 5]);
  });
  it('fail together, and the next go on', async () => {
    const { sent, granting } = theBatches({ a: 1 });
    const lease = granting(request('a'));
    sent[0]!.fail();
    await expect(lease).rejects.toThrow('gone');
    const next = granting(request('a'));
    sent[1]!.answer();
    expect(await next).toEqual([1]);
  });
  it('are not sent any more when nobody waits for them', async () => {
    const { sent, granting, clock } = theBatches({ a: 1 });
    const under = [granting(request('a')), granting(request('a'))];
    const late = expect(granting(request('b'))).rejects.toThrow('in time');
    clock.now = 251;
    sent[0]!.answer();
    await settled();
    await late;
    expect(sent).toHaveLength(2);
    sent[1]!.answer();
    await Promise.all(under);
  });
  it('are at most 500 buckets in a statement, and 5,000 leases in all', async () => {
    const { sent, batches } = theBatches();
    const many = Array.from({ length: 5002 }, (_, index) => batches.lease([request(`k${index}`)]).catch(() => null));
    await expect(batches.lease([request('x')])).rejects.toThrow('too many');
    sent[0]!.answer();
    await settled();
    expect(sent[2]!.requests).toHaveLength(500);
    while (sent.length > 0) {
      sent.splice(0).forEach(({ answer }) => answer());
      await settled();
    }
    expect(await Promise.all(many)).not.toContain(null);
  });
});
