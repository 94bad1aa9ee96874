import { describe, expect, it } from '@jest/globals';
import { RequestIds } from './request-id.js';

const ALONE = { instance: '123', workers: 1, firstIncrement: 1, partition: '0001' };
const ids = () => new RequestIds('admin_prod', ALONE);

describe('request ids of gateway admin_prod, instance 123, partition suffix 0001', () => {
  it('have the fifth request be admin_prod-123-50001', () => {
    const made = ids();
    for (let count = 0; count < 4; count++) made.next();
    expect(made.next()).toBe('admin_prod-123-50001');
  });
  it('have no suffix without a partition', () => {
    expect(new RequestIds('admin_prod', { ...ALONE, partition: '' }).next()).toBe('admin_prod-123-1');
  });
});

describe('request ids of three workers with one instance number', () => {
  it('never meet', () => {
    const workers = [1, 2, 3].map(
      (firstIncrement) => new RequestIds('g', { instance: '1', workers: 3, firstIncrement, partition: '' }),
    );
    const made = workers.flatMap((worker) => Array.from({ length: 100 }, () => worker.next()));
    expect(new Set(made).size).toBe(300);
    expect(made.slice(100, 103)).toEqual(['g-1-2', 'g-1-5', 'g-1-8']);
  });
});

describe("a client's request id", () => {
  it('is taken', () => {
    expect(ids().adopt('client-1')).toBe('client-1');
  });
  it('has at most 128 characters', () => {
    expect([ids().adopt('a'.repeat(128)), ids().adopt('a'.repeat(129))]).toEqual(['a'.repeat(128), null]);
  });
  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['with a blank', 'a b'],
    ['with a tab', 'a\tb'],
    ['with a control character', 'a\u0001'],
    ['with DEL', 'a\u007f'],
    ['with a character that is not ASCII', 'é'],
  ])('is ignored where it is %s', (_what, id) => {
    expect(ids().adopt(id)).toBeNull();
  });
  it('may hold every visible character of ASCII', () => {
    const all = Array.from({ length: 94 }, (_item, index) => String.fromCharCode(33 + index)).join('');
    expect(ids().adopt(all)).toBe(all);
  });
  it('is replaced by ours while it is in flight here already', () => {
    const made = ids();
    made.adopt('client-1');
    expect(made.adopt('client-1')).toBeNull();
  });
  it('is free again once it was given back', () => {
    const made = ids();
    made.adopt('client-1');
    made.release('client-1');
    expect(made.adopt('client-1')).toBe('client-1');
  });
  it('is replaced where it is one of ours, which may be in flight now or soon', () => {
    const made = ids();
    expect([made.adopt(made.next()), made.adopt('admin_prod-123-90001')]).toEqual([null, null]);
  });
  it('of another replica is taken', () => {
    expect(ids().adopt('admin_prod-124-10001')).toBe('admin_prod-124-10001');
  });
});
