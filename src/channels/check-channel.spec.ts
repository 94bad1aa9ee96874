import { describe, expect, it } from '@jest/globals';
import { checkRecord } from '../components/check/check-record.js';

function faultsAt(target: unknown): string[] {
  const result = checkRecord('channel', { id: 'c', executor: 'rpc', target }, { gatewayId: 'default' });
  return result!.checked.findings.filter(({ severity }) => severity === 'fault').map(({ pointer }) => pointer);
}

describe('the target of a channel', () => {
  it.each(['/api/rpc', 'api/rpc/', '/', '', 'orders.v1_events-topic', '/größe'])('may be %j', (target) => {
    expect(faultsAt(target)).toEqual([]);
  });
  it.each(['/a b', '/a?x=1', '/a#b', '/a/../b', '..', '/./a', '/a\\b', '/a%2Fb', '/a\nb', '/a\u0000'])(
    'is a fault where it would change where calls go: %j',
    (target) => {
      expect(faultsAt(target)).toEqual(['/target']);
    },
  );
});
