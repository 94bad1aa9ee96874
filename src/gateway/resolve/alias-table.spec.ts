import { describe, expect, it } from '@jest/globals';
import { aCompiledChannel } from '../../../test/support/an-exchange.js';
import { AliasTable, type CompiledAlias } from './alias-table.js';

const channel = aCompiledChannel();
const alias = (path: string, target: string): [string, CompiledAlias] => [
  path,
  { path, channel, target, headerMap: null },
];
const table = new AliasTable(
  new Map([
    alias('/hello', '/Hello'),
    alias('/shop', '/'),
    alias('/shop/new', '/products/new'),
    alias('/.well-known/agent.json', '/agent'),
    alias('/feed', '/report.csv'),
  ]),
  2,
);
const found = (path: string) => {
  const hit = table.find(path);
  return hit === null ? null : [hit.alias.path, hit.path, hit.format];
};

describe('an alias', () => {
  it('serves its target', () => {
    expect(found('/hello')).toEqual(['/hello', '/Hello', null]);
  });
  it('serves what lies below it, below its target', () => {
    expect(found('/hello/world/1')).toEqual(['/hello', '/Hello/world/1', null]);
  });
  it('of the root of a channel serves the paths of that channel', () => {
    expect(found('/shop')).toEqual(['/shop', '/', null]);
    expect(found('/shop/cart/1')).toEqual(['/shop', '/cart/1', null]);
  });
  it('gives way to a longer one', () => {
    expect(found('/shop/new')).toEqual(['/shop/new', '/products/new', null]);
    expect(found('/shop/new/1')).toEqual(['/shop/new', '/products/new/1', null]);
    expect(found('/shop/newer')).toEqual(['/shop', '/newer', null]);
  });
  it('is matched by whole segments, and case counts', () => {
    expect([found('/hellos'), found('/Hello'), found('/')]).toEqual([null, null, null]);
  });
  it('that holds an extension is matched as a whole before an extension is read as a format', () => {
    expect(found('/.well-known/agent.json')).toEqual(['/.well-known/agent.json', '/agent', null]);
    expect(found('/.well-known/agent')).toBeNull();
  });
  it('with an extension behind it is asked for in that format', () => {
    expect(found('/hello.csv')).toEqual(['/hello', '/Hello', 'csv']);
    expect(found('/hello/world.xml')).toEqual(['/hello', '/Hello/world', 'xml']);
  });
  it('of the root of a channel takes a format too', () => {
    expect(found('/shop.csv')).toEqual(['/shop', '/', 'csv']);
  });
  it('chooses a format by the extension of its target', () => {
    expect(found('/feed')).toEqual(['/feed', '/report', 'csv']);
  });
});

describe('looking an alias up', () => {
  it('goes no deeper into a path of 1,000 segments than the deepest alias does', () => {
    expect(found('/shop' + '/x'.repeat(1000))).toEqual(['/shop', '/x'.repeat(1000), null]);
    expect(found('/x'.repeat(1000))).toBeNull();
  });
  it('finds nothing in an empty table', () => {
    expect(new AliasTable(new Map(), 0).find('/hello')).toBeNull();
  });
});
