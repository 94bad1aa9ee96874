import { describe, expect, it } from '@jest/globals';
import { KEPT_MS, MOST_KEPT, Outbox } from './outbox.js';

const someDrops = () => {
  const drops: [string, number][] = [];
  return { drops, outbox: new Outbox((reason, count) => void drops.push([reason, count])) };
};

async function sentBy(outbox: Outbox, now: number): Promise<string[]> {
  const sent: string[] = [];
  await outbox.flush(
    async (text) => void sent.push(text),
    () => now,
  );
  return sent;
}

describe('messages that wait', () => {
  it('are sent in order, once', async () => {
    const { outbox } = someDrops();
    for (const text of ['a', 'b', 'c']) outbox.keep(text, 0);
    expect([await sentBy(outbox, 1), await sentBy(outbox, 1)]).toEqual([['a', 'b', 'c'], []]);
  });
  it('are at most 1,000: the oldest is given up', async () => {
    const { outbox, drops } = someDrops();
    for (let index = 0; index <= MOST_KEPT; index++) outbox.keep(String(index), 0);
    expect(drops).toEqual([['full', 1]]);
    expect((await sentBy(outbox, 1)).slice(0, 2)).toEqual(['1', '2']);
  });
  it('are given up after 60 s', async () => {
    const { outbox, drops } = someDrops();
    outbox.keep('old', 0);
    outbox.keep('young', 1);
    expect(await sentBy(outbox, KEPT_MS)).toEqual(['young']);
    expect(drops).toEqual([['expired', 1]]);
  });
  it('stay where one cannot go, it too', async () => {
    const { outbox } = someDrops();
    outbox.keep('a', 0);
    outbox.keep('b', 0);
    const fails = outbox.flush(
      (text) => (text === 'b' ? Promise.reject(new Error('away')) : Promise.resolve()),
      () => 0,
    );
    await expect(fails).rejects.toThrow('away');
    expect(await sentBy(outbox, 1)).toEqual(['b']);
  });
});
