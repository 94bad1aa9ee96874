import { describe, expect, it } from '@jest/globals';
import { anEntry } from '../../../../test/support/fake-consul.js';
import { anAddress } from '../../../../test/support/told-instances.js';
import { readConsulEntries } from './consul-entries.js';

const read = (...entries: unknown[]) => readConsulEntries(JSON.stringify(entries));
const weightOf = (passing: unknown): number => read(anEntry('a', 80, { Weights: { Passing: passing } }))[0]!.weight;

describe('entries of Consul', () => {
  it('are the address and port of the service', () => {
    expect(read(anEntry('10.0.0.1', 81))).toEqual([anAddress('10.0.0.1', { port: 81 })]);
  });
  it('are at the address of their node where the service has none', () => {
    expect(read(anEntry('', 81))).toEqual([anAddress('10.9.9.9', { port: 81 })]);
  });
  it.each([
    ['orders.internal', 'orders.internal'],
    ['fd00::1', 'fd00::1'],
    ['[fd00::1]', 'fd00::1'],
  ])('may be at %s', (address, host) => {
    expect(read(anEntry(address))[0]!.host).toBe(host);
  });
  it('have the weight of passing checks, from 1 to 65535', () => {
    expect([weightOf(7), weightOf(0), weightOf(-1), weightOf('7'), weightOf(1.5), weightOf(1e9)]).toEqual([
      7, 1, 1, 1, 1, 65_535,
    ]);
  });
  it('may be none', () => {
    expect(read()).toEqual([]);
  });
  it.each([
    ...[null, 7, 'x', [], {}, { Service: null }, { Service: [] }],
    ...[anEntry('a', 0), anEntry('a', 65_536), anEntry('a', '80'), anEntry('a', null), anEntry('a', 80.5)],
    ...[anEntry('a b'), { Service: { Address: 7, Port: 80 } }, { Node: { Address: '' }, Service: { Port: 80 } }],
  ])('are skipped where they cannot be read: %j', (entry) => {
    expect(read(entry, anEntry('b'))).toEqual([anAddress('b')]);
  });
});

describe('an answer of Consul that is none', () => {
  it.each([
    ['<html>', 'answers HTML, not JSON'],
    ['', 'answers what is no JSON'],
    ['[{', 'answers what is no JSON'],
    ['{}', 'answers JSON that is no list'],
    ['null', 'answers JSON that is no list'],
    ['[{"Service":{"Address":"a"}}]', 'lists instances of which none has both an address and a port'],
  ])('%j: %s', (text, message) => {
    expect(() => readConsulEntries(text)).toThrow(message);
  });
  it('is one of more instances than there can be', () => {
    const list = (length: number) => JSON.stringify(Array.from({ length }, () => anEntry('a')));
    expect(readConsulEntries(list(5000))).toHaveLength(5000);
    expect(() => readConsulEntries(list(5001))).toThrow('lists 5001 instances; at most 5000 are possible');
  });
});
