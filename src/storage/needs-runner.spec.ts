import { describe, expect, it } from '@jest/globals';
import type { ComponentSet } from '../contracts/components.js';
import { needsRunner } from './needs-runner.js';

const SESSION = { executor: 'local', parameters: { runner: 'session' } };
function needs(kind: 'system' | 'channel', record: object | null, active = true): boolean {
  const records = { system: new Map(), channel: new Map(), [kind]: new Map([['a', { active, record }]]) };
  return needsRunner({ records } as unknown as ComponentSet, 'session');
}

describe('the store of a built-in server', () => {
  it.each([
    ['a system', 'system', SESSION],
    ['a channel that embeds one', 'channel', SESSION],
    ['a class name', 'system', { ...SESSION, executor: 'com.rierino.gateway.LocalExecutor' }],
  ] as const)('is needed by %s', (_, kind, record) => {
    expect(needs(kind, record)).toBe(true);
  });
  it.each([
    ['another runner', { executor: 'local', parameters: { runner: 'sample' } }],
    ['another executor', { executor: 'rpc', parameters: { runner: 'session' } }],
    ['no parameters', { executor: 'local' }],
    ['a faulty record', null],
  ])('is not needed by %s', (_, record) => {
    expect(needs('system', record)).toBe(false);
  });
  it('is not needed by what is not in force', () => {
    expect(needs('system', SESSION, false)).toBe(false);
  });
});
