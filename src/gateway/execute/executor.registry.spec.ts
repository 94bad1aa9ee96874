import { describe, expect, it } from '@jest/globals';
import { unplanned } from '../../../test/support/an-exchange.js';
import type { Executor } from '../../contracts/executor.js';
import { ExecutorRegistry } from './executor.registry.js';

const anExecutor = (): Executor => ({ parameterSpecs: {}, prepare: () => unplanned('a target') });

describe('the registry of executors', () => {
  const rpc = anExecutor();
  const registry = new ExecutorRegistry();
  registry.add(['rpc', 'RPCExecutor'], rpc);
  registry.add(['myProtocol'], anExecutor());

  it.each([
    'rpc',
    'RPC',
    'Rpc',
    'RPCExecutor',
    'rpcexecutor',
    'com.rierino.api.gateway.executor.RPCExecutor',
    'com.example.RPCExecutor',
  ])('finds rpc as %s', (name) => {
    expect(registry.find(name)).toEqual({ name: 'rpc', executor: rpc });
  });
  it.each(['', 'grpc', 'rpc.', 'executor', '__proto__', 'constructor'])('finds nothing as %j', (name) => {
    expect(registry.find(name)).toBeNull();
  });
  it('tells each executor by its first name', () => {
    expect(registry.names()).toEqual(['myprotocol', 'rpc']);
  });
});

describe('two executors of one name', () => {
  it('stop the process', () => {
    const registry = new ExecutorRegistry();
    registry.add(['rpc'], anExecutor());
    expect(() => registry.add(['rpc'], anExecutor())).toThrow('Two executors claim the name "rpc".');
  });
  it('stop it though they differ in case, or share an alias only', () => {
    const registry = new ExecutorRegistry();
    registry.add(['rpc', 'RPCExecutor'], anExecutor());
    expect(() => registry.add(['RPC'], anExecutor())).toThrow('Two executors claim the name "RPC".');
    expect(() => registry.add(['other', 'rpcExecutor'], anExecutor())).toThrow('"rpcExecutor"');
  });
});
