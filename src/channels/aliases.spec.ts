import { describe, expect, it } from '@jest/globals';
import { RecordCheck } from '../components/check/record-check.js';
import { usableAliases } from './aliases.js';

function read(...aliases: unknown[]) {
  const check = new RecordCheck('channel', 'a');
  const usable = usableAliases(aliases, check) as { alias: string }[];
  const told = check.findings().map(({ severity, pointer }) => `${severity} ${pointer}`);
  return { names: usable.map(({ alias }) => alias), told, broken: check.broken };
}
const anAlias = (alias: string, headerMap?: Record<string, string>) => ({
  alias,
  target: 'x',
  ...(headerMap && { headerMap }),
});

describe('an alias', () => {
  it('may hold several segments and an extension, and needs no slash', () => {
    expect(read(anAlias('/hello/'), anAlias('.well-known/agent.json'))).toEqual({
      names: ['hello', '.well-known/agent.json'],
      told: [],
      broken: false,
    });
  });
  it.each(['api', '/api/x', 'actuator', 'health/live', 'a/../b', '', 'a*'])(
    'is left out alone where it cannot be served: %j',
    (name) => {
      expect(read(anAlias(name), anAlias('good'))).toEqual({
        names: ['good'],
        told: ['fault /aliases/0/alias'],
        broken: false,
      });
    },
  );
  it('of the same name twice counts once', () => {
    expect(read(anAlias('a'), anAlias('/a'))).toEqual({
      names: ['a'],
      told: ['fault /aliases/1/alias'],
      broken: false,
    });
  });
  it('named health or metrics wins over ours, with a warning', () => {
    expect(read(anAlias('health'), anAlias('metrics')).told).toEqual([
      'warning /aliases/0/alias',
      'warning /aliases/1/alias',
    ]);
  });
  it('with an expression that is no JMESPath is left out alone, and the expression is not shown', () => {
    const { names, told } = read(anAlias('a', { 'X-A': '{b: value' }), anAlias('b', { 'X-A': '{"X-B": value}' }));
    expect([names, told]).toEqual([['b'], ['fault /aliases/0/headerMap/X-A']]);
  });
  it('with a header name that is none is left out alone', () => {
    expect(read(anAlias('a', { 'X A': '{b: value}' })).told).toEqual(['fault /aliases/0/headerMap/X A']);
  });
});
