import { describe, expect, it } from '@jest/globals';
import { normalized } from './normalized.js';

describe('a record that is stored in our form', () => {
  it.each([
    ['com.rierino.api.gateway.executor.RPCExecutor', 'rpc'],
    ['com.rierino.api.gateway.executor.CRUDExecutor', 'crud'],
    ['COM.RIERINO.API.GATEWAY.EXECUTOR.KAFKAEXECUTOR', 'kafka'],
    ['RSocketExecutor', 'rsocket'],
    ['RPC', 'rpc'],
    ['rpc', 'rpc'],
    ['com.shop.SoapExecutor', 'com.shop.SoapExecutor'],
    ['${{EXECUTOR}}', '${{EXECUTOR}}'],
    ['my rpc', 'my rpc'],
  ])('has the executor %s as %s', (theirs, ours) => {
    expect(normalized('system', { systemExecutor: theirs })).toEqual({ executor: ours });
    expect(normalized('channel', { executor: theirs })).toEqual({ executor: ours });
  });
  it.each([
    ['A', 'ACTIVE'],
    ['ACTIVE', 'ACTIVE'],
    ['I', 'I'],
    [5, 5],
  ])('has the status %s as %s', (theirs, ours) => {
    expect(normalized('token', { definition: { status: theirs } })).toEqual({ status: ours });
  });
  it('keeps what is named by its class, and gains nothing', () => {
    const parameters = {
      persistenceHelperClass: 'com.x.RedisPersistenceHelper',
      'fs.s3a.impl': 'x.CustomS3FileSystem',
    };
    expect(normalized('service', { serviceType: 'rate', parameters })).toEqual({ type: 'rate', parameters });
  });
  it('leaves what was given as it is', () => {
    const given = { status: 'A', executor: 'RPCExecutor' };
    normalized('system', given);
    expect(given).toEqual({ status: 'A', executor: 'RPCExecutor' });
  });
});
