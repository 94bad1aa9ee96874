import { afterEach, describe, expect, it } from '@jest/globals';
import type { Component } from '../contracts/components.js';
import type { ServiceRecord } from '../contracts/records.js';
import { redisClient } from './redis-client.js';
import { RateStoreServices } from './rate-store-services.js';

const database = { name: 'Postgres', open: () => Promise.reject(new Error('nobody opens it')) };
const opened: RateStoreServices[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((services) => services.close()));
});
function theServices(redisUrl: string | null = null): RateStoreServices {
  const services = new RateStoreServices({ gatewayId: 'shop', redisUrl, database });
  opened.push(services);
  return services;
}
function aService(id: string, record: ServiceRecord, active = true): Component<'service'> {
  return { kind: 'service', id, version: '1', record, active };
}
const rate = (id: string, persistenceHelperClass: string, more: Record<string, string> = {}): Component<'service'> =>
  aService(id, { type: 'rate', parameters: { persistenceHelperClass, ...more } });
const kafka = aService('bus', { type: 'kafka', parameters: {} });

describe('the class of a service', () => {
  it.each([
    ['memory', null],
    ['Memory', null],
    ['com.rierino.rate.CaffeinePersistenceHelper', null],
    ['redis', 'redis'],
    ['com.x.RedisPersistenceHelper', 'redis'],
    ['RedisPersistenceHelper', 'redis'],
    ['postgres', 'postgres'],
    ['PostgresPersistenceHelper', 'postgres'],
  ])('%s counts by its last part', (name, kind) => {
    const { store, finding } = theServices('redis://h:1').choose('counts', [rate('counts', name)]);
    expect([store?.kind ?? null, finding]).toEqual([kind, null]);
  });
  it.each(['mongo', 'constructor', 'com.x.', 'PersistenceHelper'])('%s is a fault', (name) => {
    const services = theServices('redis://h:1');
    expect(services.choose('counts', [rate('counts', name)]).finding).toMatchObject({ severity: 'fault' });
    expect(services.check(rate('counts', name))).toMatchObject({ severity: 'fault' });
  });
  it('may stand on a service of any type', () => {
    const other = aService('counts', { type: 'cache', parameters: { persistenceHelperClass: 'postgres' } });
    expect(theServices().choose(undefined, [other, kafka]).store?.kind).toBe('postgres');
  });
  it('is nothing to a service that keeps no rates', () => {
    expect(theServices().check(kafka)).toBeNull();
  });
});

describe('a channel without a service', () => {
  const services = theServices;
  it('takes the only one', () => {
    const choice = services().choose(undefined, [
      kafka,
      rate('counts', 'postgres'),
      aService('off', { type: 'rate' }, false),
    ]);
    expect([choice.store?.kind, choice.finding]).toEqual(['postgres', null]);
  });
  it.each<[string, Component<'service'>[], RegExp]>([
    ['none', [kafka], /no service keeps rates/],
    ['several', [rate('a', 'postgres'), rate('b', 'postgres')], /2 services keep rates/],
    ['one that cannot be used', [rate('a', 'mongo')], /"a" cannot be used/],
  ])('counts in memory where there is %s, with a warning', (_what, given, message) => {
    const { store, finding } = services().choose(undefined, given);
    expect([store, finding]).toMatchObject([null, { severity: 'warning', message: expect.stringMatching(message) }]);
  });
});

describe('a channel that names a service', () => {
  it.each<[string, Component<'service'>]>([
    ['is not there', rate('other', 'postgres')],
    ['is not active', aService('counts', { type: 'rate', parameters: { persistenceHelperClass: 'postgres' } }, false)],
    ['keeps no rates', aService('counts', { type: 'kafka' })],
    ['has no class', aService('counts', { type: 'rate' })],
    ['has no Redis', rate('counts', 'redis')],
    ['has no URL of Redis', rate('counts', 'redis', { configString: 'http://h' })],
  ])('is at fault where it %s', (_what, service) => {
    expect(theServices().choose('counts', [service])).toMatchObject({ store: null, finding: { severity: 'fault' } });
  });
  it('never shows what stands in configString', () => {
    const choice = theServices().choose('counts', [rate('counts', 'redis', { configString: 'secret@h:1' })]);
    expect(JSON.stringify(choice.finding)).not.toContain('secret');
    const good = theServices().choose('counts', [rate('counts', 'redis', { configString: 'redis://u:secret@h:1/2' })]);
    expect(good.store!.name).toBe('Redis at h:1');
  });
});

describe('a store', () => {
  it('is one for records that say the same, and stays while a channel uses it', async () => {
    const services = theServices('redis://h:1');
    const one = services.choose('a', [rate('a', 'redis')]).store;
    const same = services.choose('b', [rate('b', 'redis', { configString: 'redis://h:1' })]).store;
    const other = services.choose('c', [rate('c', 'redis', { configString: 'redis://h:2' })]).store;
    expect([one === same, one === other]).toEqual([true, false]);
    services.retain(new Set([one, null]));
    await expect(other!.lease([])).rejects.toThrow('closed');
    expect(services.choose('a', [rate('a', 'redis')]).store).toBe(one);
    expect(services.choose('c', [rate('c', 'redis', { configString: 'redis://h:2' })]).store).not.toBe(other);
  });
});

describe('a client of Redis', () => {
  it.each([
    'redis://h:6379',
    'rediss://u:p@h:6380/3',
    'valkeys://h',
    'redis+cluster://:p%40@a:1,b:2',
    'redis+sentinel://u:p@a:26379,[::1]:2/my%2Fmaster/1?sentinelPassword=s',
  ])('is made for %s', (url) => {
    expect(redisClient(url)).toHaveProperty('evalSha');
  });
});
