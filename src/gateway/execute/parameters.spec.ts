import { describe, expect, it } from '@jest/globals';
import { ParametersRejected, type ParameterSpecs } from '../../contracts/executor.js';
import { ParameterReader, specOf } from './parameters.js';

const SPECS: ParameterSpecs = {
  'server.timeout': { type: 'integer', doc: 'ms.' },
  'server.header.*': { type: 'string', doc: 'A header.' },
};

describe('the spec of a parameter', () => {
  it('stands under its own name, or its family', () => {
    expect(specOf(SPECS, 'server.timeout')).toBe(SPECS['server.timeout']);
    expect(specOf(SPECS, 'server.header.X-A')).toBe(SPECS['server.header.*']);
  });
  it.each(['server.timeouts', 'server.headers', 'constructor', '__proto__'])('is none of %s', (name) => {
    expect(specOf(SPECS, name)).toBeNull();
  });
});

describe('a reader of parameters', () => {
  it('gives up only at the end, with every fault', () => {
    const reader = new ParameterReader(new Map([['n', 'x']]));
    expect([reader.integer('n', 7, 1), reader.required('url'), reader.boolean('n')]).toEqual([7, '', false]);
    expect(() => reader.finish()).toThrow(ParametersRejected);
    expect(() => reader.finish()).toThrow(
      'n: must be a whole number of at least 1, not "x"; url: is missing; n: must be',
    );
  });
  it('says nothing where nothing is wrong', () => {
    const reader = new ParameterReader(new Map([['a', '1']]));
    expect([reader.text('a'), reader.text('b'), reader.integer('a', 7, 1), reader.integer('b', 7, 1)]).toEqual([
      '1',
      null,
      1,
      7,
    ]);
    expect(() => reader.finish()).not.toThrow();
  });
  it('gives the members of a family by what follows the prefix', () => {
    const values = new Map([
      ['server.header.X-A', '1'],
      ['server.header.', '2'],
      ['server.headers', '3'],
    ]);
    expect([...new ParameterReader(values).family('server.header.')]).toEqual([['X-A', '1']]);
  });
});
