import { describe, expect, it } from '@jest/globals';
import { SettingsRejected } from './faults.js';
import { readSettings } from './read-settings.js';
import { replicaFrom, type Surroundings } from './replica.js';

const AROUND: Surroundings = { hostname: 'gateway-12.pods.svc.local', now: 1_700_000_000_000, random: () => 0.000_042 };

function replicaFor(pairs: readonly string[], around: Partial<Surroundings> = {}) {
  const argv = pairs.flatMap((pair) => ['--set', pair]);
  const { settings } = readSettings({ argv, env: {}, cwd: '/nonexistent' });
  return replicaFrom(settings, { ...AROUND, ...around });
}

describe('instance number', () => {
  it('epoch is ms since 1970, the number of the worker and random digits', () => {
    expect(replicaFor([])).toEqual({
      instance: '170000000000000000042',
      ...{ worker: 0, workers: 1, firstIncrement: 1, partition: '' },
    });
  });
  it('epoch differs for two processes that start in the same millisecond', () => {
    expect(replicaFor([], { random: () => 0.1 }).instance).not.toBe(replicaFor([], { random: () => 0.2 }).instance);
    expect(replicaFor([], { random: () => 0.999_999_999 }).instance).toMatch(/^\d{21}$/);
  });
  it('constant is the value', () => {
    expect(replicaFor(['id.instanceNum.class=constant', 'id.instanceNum.value=123']).instance).toBe('123');
  });
  it('sequence is the number of the database, and the epoch where there is none', () => {
    const pairs = ['id.instanceNum.class=com.rierino.MongoNumberGenerator'];
    expect(replicaFor(pairs, { sequence: '7' }).instance).toBe('7');
    expect(replicaFor(pairs).instance).toBe('170000000000000000042');
  });
  it('ordinal is the number at the end of the host name, before its domain', () => {
    expect(replicaFor(['id.instanceNum.class=ordinal']).instance).toBe('12');
    expect(replicaFor(['id.instanceNum.class=ordinal'], { hostname: 'gateway-007' }).instance).toBe('7');
  });
});

describe('of several workers of a host', () => {
  const third = { worker: 2, workers: 4, life: 0 };

  it('each has its number in the epoch', () => {
    expect(replicaFor([], { place: third })).toMatchObject({
      instance: '170000000000002000042',
      worker: 2,
      workers: 4,
    });
  });
  it('each counts from a place of its own where all have one instance number', () => {
    const pairs = ['id.instanceNum.class=constant', 'id.instanceNum.value=123'];
    expect(replicaFor(pairs, { place: third })).toMatchObject({ instance: '123', firstIncrement: 3 });
  });
  it('one that was started again counts where none before it has', () => {
    const pairs = ['id.instanceNum.class=ordinal'];
    const again = { ...third, life: 2 };
    expect(replicaFor(pairs, { place: again }).firstIncrement).toBe(2_000_000_000_003);
    expect(replicaFor([], { place: again }).firstIncrement).toBe(3);
  });
});

describe('partition suffix', () => {
  it.each([
    ['1', '0001'],
    ['01', '0001'],
    ['12345', '12345'],
    ['blue', 'blue'],
    ['ordinal', '0012'],
  ])('of %s is %s', (partition, suffix) => {
    expect(replicaFor([`id.partition=${partition}`]).partition).toBe(suffix);
  });
});

describe('an ordinal without a number in the host name', () => {
  it('is a fault of each setting that wants one', () => {
    const pairs = ['id.instanceNum.class=ordinal', 'id.partition=ordinal'];
    expect(() => replicaFor(pairs, { hostname: 'laptop' })).toThrow(SettingsRejected);
    expect(() => replicaFor(pairs, { hostname: 'laptop' })).toThrow(/id\.instanceNum\.class[^]*id\.partition/);
  });
});
