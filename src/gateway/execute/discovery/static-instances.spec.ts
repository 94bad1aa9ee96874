import { describe, expect, it } from '@jest/globals';
import { anAddress, ToldInstances } from '../../../../test/support/told-instances.js';
import { StaticInstances } from './static-instances.js';

describe('instances of a list', () => {
  it('are told once, at once', () => {
    const listener = new ToldInstances();
    new StaticInstances([anAddress('a'), anAddress('b')]).watch(listener);
    expect(listener.told).toEqual([['a:80', 'b:80']]);
  });
  it('are not told once they are closed', () => {
    const listener = new ToldInstances();
    const source = new StaticInstances([anAddress('a')]);
    source.close();
    source.watch(listener);
    expect(listener.told).toEqual([]);
  });
});
