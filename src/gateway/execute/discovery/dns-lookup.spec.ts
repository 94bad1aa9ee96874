import { describe, expect, it } from '@jest/globals';
import { unplanned } from '../../../../test/support/an-exchange.js';
import { DnsLookup, type DnsResolver, type SystemLookup } from './dns-lookup.js';

type Given = readonly string[] | string;
const withCode = (code: string): Error => Object.assign(new Error('hunter2'), { code });

/** Answers lists with a TTL of 60 s, and fails with what is no list. */
const resolverOf = (answers: { four: Given; six: Given }): DnsResolver => {
  const records = async (given: Given) => {
    if (typeof given === 'string') throw withCode(given);
    return given.map((address) => ({ address, ttl: 60 }));
  };
  return {
    resolve4: () => records(answers.four),
    resolve6: () => records(answers.six),
    resolveSrv: () => unplanned('SRV'),
    cancel: () => undefined,
  };
};
const neverAsked: SystemLookup = (host) => unplanned(host);
const knows =
  (...addresses: string[]): SystemLookup =>
  async () =>
    addresses;
const failsWith =
  (code: string): SystemLookup =>
  async () => {
    throw withCode(code);
  };

describe('the addresses of a host', () => {
  it('are those of both families', async () => {
    const lookup = new DnsLookup(resolverOf({ four: ['10.0.0.1'], six: ['fd00::1'] }), neverAsked);
    expect(await lookup.addressesOf('a')).toEqual({ addresses: ['10.0.0.1', 'fd00::1'], ttlSeconds: 60 });
  });
  it.each([
    ['ENODATA', ['fd00::1']],
    ['ENOTFOUND', ['fd00::1']],
  ])('are those of one family where the other is missing (%s)', async (code, expected) => {
    const lookup = new DnsLookup(resolverOf({ four: code, six: ['fd00::1'] }), neverAsked);
    expect((await lookup.addressesOf('a')).addresses).toEqual(expected);
  });
  it('keep those of a family that fails alone, as far as they are known', async () => {
    const answers: { four: Given; six: Given } = { four: ['10.0.0.1'], six: 'ESERVFAIL' };
    const lookup = new DnsLookup(resolverOf(answers), neverAsked);
    expect((await lookup.addressesOf('a')).addresses).toEqual(['10.0.0.1']);
    answers.six = ['fd00::1'];
    await lookup.addressesOf('a');
    Object.assign(answers, { four: ['10.0.0.2'], six: 'ETIMEOUT' });
    expect((await lookup.addressesOf('a')).addresses).toEqual(['10.0.0.2', 'fd00::1']);
    answers.six = 'ENODATA';
    expect((await lookup.addressesOf('a')).addresses).toEqual(['10.0.0.2']);
  });
  it('are an address itself, without a question', async () => {
    const lookup = new DnsLookup(resolverOf({ four: 'never', six: 'never' }), neverAsked);
    expect((await lookup.addressesOf('fd00::1')).addresses).toEqual(['fd00::1']);
  });
  it.each([
    ['ESERVFAIL', 'ENODATA', 'answers SERVFAIL for a'],
    ['ENOTFOUND', 'ETIMEOUT', 'gave no answer in time for a'],
    ['EBOGUS', 'EBOGUS', 'cannot be asked (EBOGUS) for a'],
  ])('cannot be learned from %s and %s', async (four, six, message) => {
    await expect(new DnsLookup(resolverOf({ four, six }), neverAsked).addressesOf('a')).rejects.toThrow(message);
  });
});

describe('a host that DNS does not know', () => {
  const unknown = { four: 'ENOTFOUND', six: 'ENODATA' };
  it.each([unknown, { four: 'ECONNREFUSED', six: 'ECONNREFUSED' }])('is asked of the system (%j)', async (answers) => {
    const lookup = new DnsLookup(resolverOf(answers), knows('127.0.0.1', '::1', '127.0.0.1'));
    expect(await lookup.addressesOf('localhost')).toEqual({ addresses: ['127.0.0.1', '::1'], ttlSeconds: null });
  });
  it('has no addresses where the system knows none either', async () => {
    const lookup = new DnsLookup(resolverOf(unknown), failsWith('ENOTFOUND'));
    expect(await lookup.addressesOf('a')).toEqual({ addresses: [], ttlSeconds: null });
  });
  it('has none where DNS alone counts', async () => {
    expect((await new DnsLookup(resolverOf(unknown), null).addressesOf('localhost')).addresses).toEqual([]);
  });
  it('is not certain to have none while the system cannot say', async () => {
    const lookup = new DnsLookup(resolverOf(unknown), failsWith('EAI_AGAIN'));
    await expect(lookup.addressesOf('a')).rejects.toThrow('cannot look up a now (EAI_AGAIN)');
  });
  it('is not certain to have none while DNS refuses, whatever the system says', async () => {
    const lookup = new DnsLookup(resolverOf({ four: 'ECONNREFUSED', six: 'ENODATA' }), failsWith('ENOTFOUND'));
    await expect(lookup.addressesOf('a')).rejects.toThrow('refuses the connection for a');
  });
});
