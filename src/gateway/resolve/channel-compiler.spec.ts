import { describe, expect, it } from '@jest/globals';
import { someLimits, someStages, unplanned } from '../../../test/support/an-exchange.js';
import { aComponent } from '../../../test/support/some-components.js';
import {
  ParametersRejected,
  type Callee,
  type Destination,
  type Executor,
  type ParameterSpecs,
  type PrepareContext,
  type Target,
} from '../../contracts/executor.js';
import type { ChannelRecord, SystemRecord } from '../../contracts/records.js';
import { ExecutorRegistry } from '../execute/executor.registry.js';
import { Targets } from '../execute/targets.js';
import { TokenKinds } from './token-kinds.js';
import { ChannelCompiler, type ChannelParts } from './channel-compiler.js';

class FakeTarget implements Target {
  readonly bound: Destination[] = [];
  constructor(
    readonly key: string,
    readonly parameters: ReadonlyMap<string, string>,
  ) {}
  ready = () => true;
  bind(destination: Destination): Callee {
    this.bound.push(destination);
    return { takes: 'event', execute: () => unplanned('a call') };
  }
  close = () => unplanned('a target was closed');
}

class FakeExecutor implements Executor {
  readonly parameterSpecs: ParameterSpecs = {
    url: { type: 'url', doc: 'Where.' },
    token: { type: 'string', doc: 'A secret.', secret: true },
    later: { type: 'boolean', doc: 'Later.', notInForce: 'it is not in force in this release' },
    'header.*': { type: 'string', doc: 'A header.' },
  };
  readonly made: FakeTarget[] = [];
  readonly contexts: PrepareContext[] = [];

  prepare(parameters: ReadonlyMap<string, string>, context: PrepareContext): Target {
    const faults = [...parameters].filter(([, value]) => value === 'bad').map(([parameter]) => parameter);
    if (faults.length > 0) throw new ParametersRejected(faults.map((parameter) => ({ parameter, message: 'is bad' })));
    const target = new FakeTarget(context.key, parameters);
    this.made.push(target);
    this.contexts.push(context);
    return target;
  }
}

function aCompiler() {
  const fake = new FakeExecutor();
  const other = new FakeExecutor();
  const executors = new ExecutorRegistry();
  executors.add(['fake', 'FakeExecutor'], fake);
  executors.add(['other'], other);
  const compiler = new ChannelCompiler({
    ...{
      executors,
      targets: new Targets(unplanned),
      tokens: new TokenKinds({ allowUnsigned: true }),
      limits: someLimits(),
    },
    ...{
      stages: someStages({ identify: { name: 'identify', run: unplanned } }),
      maxBufferedBytes: 1024,
      plainHeaders: { 'X-Plain': 'p' },
    },
  });
  const compile = (record: ChannelRecord | null, others: Partial<Omit<ChannelParts, 'channel'>> = {}, id = 'c') =>
    compiler.compile({
      channel: aComponent('channel', id, record),
      system: undefined,
      authToken: undefined,
      anonymousToken: undefined,
      rates: null,
      ...others,
    });
  return { compiler, compile, fake, other };
}
const aSystem = (record: Partial<SystemRecord> = {}) => aComponent('system', 's', { executor: 'fake', ...record });
const told = (findings: readonly { pointer: string; code: number; severity: string }[]) =>
  findings.map(({ severity, pointer, code }) => `${severity} ${pointer} ${code}`);

describe('a channel with its system', () => {
  it('serves: nothing of it is refused', () => {
    const { compile } = aCompiler();
    const { channel, findings, isGood } = compile({ system: 's', target: '/api/crud' }, { system: aSystem() });
    expect([channel.outOfForce, findings, isGood]).toEqual([null, [], true]);
    expect([channel.id, channel.idText, channel.versions]).toEqual([
      'c',
      '"c"',
      { channel: '1', system: '1', token: null },
    ]);
  });
  it('tells the executor its target, its method in capitals and the headers that may pass', () => {
    const { compile, fake } = aCompiler();
    compile({ system: 's', target: '/t', method: 'put', allowedRunnerHeaders: ['X-A'] }, { system: aSystem() });
    expect(fake.made[0]!.bound).toEqual([
      { channel: 'c', target: '/t', method: 'PUT', allowedRunnerHeaders: new Set(['x-a']) },
    ]);
  });
  it('stands for the root of the backend without a target, with the method of the executor', () => {
    const { compile, fake } = aCompiler();
    compile({ system: 's' }, { system: aSystem() });
    expect(fake.made[0]!.bound[0]).toMatchObject({ target: '/', method: null });
  });
  it('hands on how much of an answer may be buffered', () => {
    const { compile, fake } = aCompiler();
    compile({ system: 's' }, { system: aSystem() });
    expect(fake.contexts[0]!.maxBufferedBytes).toBe(1024);
  });
  it('has the plain headers on paths without a rule', () => {
    const { compile } = aCompiler();
    const { channel } = compile({ system: 's' }, { system: aSystem() });
    expect(channel.paths.find('/x').otherwise.headers).toEqual(['X-Plain', 'p']);
  });
});

describe('parameters of a channel', () => {
  it('override those of its system one by one', () => {
    const { compile, fake } = aCompiler();
    const system = aSystem({ parameters: { url: 'http://a', 'header.a': 'system', 'header.b': 'system' } });
    compile({ system: 's', parameters: { 'header.b': 'channel', 'header.c': 3 } }, { system });
    expect(Object.fromEntries(fake.made[0]!.parameters)).toEqual({
      url: 'http://a',
      'header.a': 'system',
      'header.b': 'channel',
      'header.c': '3',
    });
  });
  it('make a target of their own where they differ', () => {
    const { compile, fake } = aCompiler();
    const system = aSystem({ parameters: { url: 'http://a' } });
    compile({ system: 's' }, { system }, 'one');
    compile({ system: 's', parameters: { 'header.a': 'x' } }, { system }, 'two');
    expect(fake.made).toHaveLength(2);
  });
  it('that are equal in all share one target, whoever says them and in which order', () => {
    const { compile, fake } = aCompiler();
    const one = compile({ system: 's' }, { system: aSystem({ parameters: { url: 'http://a', 'header.a': 1 } }) });
    const two = compile({ executor: 'FAKE', parameters: { 'header.a': '1', url: 'http://a' } }, {}, 'two');
    expect(fake.made).toHaveLength(1);
    expect(two.channel.targetKey).toBe(one.channel.targetKey);
  });
  it('share a target under the alias of an executor too', () => {
    const { compile, fake } = aCompiler();
    compile({ executor: 'fake' });
    compile({ executor: 'com.rierino.api.gateway.executor.FakeExecutor' }, {}, 'two');
    expect(fake.made).toHaveLength(1);
  });
  it('that are equal share no target of another executor', () => {
    const { compile, fake, other } = aCompiler();
    compile({ executor: 'fake' });
    compile({ executor: 'other' }, {}, 'two');
    expect([fake.made.length, other.made.length]).toEqual([1, 1]);
  });
  it('do not stand in the key of the target, since they hold secrets', () => {
    const { compile } = aCompiler();
    const { channel } = compile({ executor: 'fake', parameters: { token: 'hunter2' } });
    expect(channel.targetKey).not.toContain('hunter2');
  });
});

describe('an embedded executor', () => {
  it('needs no system', () => {
    const { compile, fake } = aCompiler();
    const { channel, isGood } = compile({ executor: 'fake', parameters: { url: 'http://a' } });
    expect([isGood, channel.outOfForce, fake.made.length, channel.versions.system]).toEqual([true, null, 1, null]);
  });
  it('takes the place of the one that the system names', () => {
    const { compile, fake, other } = aCompiler();
    compile({ system: 's', executor: 'other' }, { system: aSystem() });
    expect([fake.made.length, other.made.length]).toEqual([0, 1]);
  });
});

describe('a channel that cannot serve', () => {
  const codes = { CHANNEL_BROKEN: 17001, SYSTEM_UNKNOWN: 17002, TOKEN_RECORD_MISSING: 17003 };

  it('answers 17001 where its record never was good', () => {
    const { compile } = aCompiler();
    const { channel, isGood, findings } = compile(null);
    expect([channel.outOfForce?.error, isGood, findings]).toEqual(['CHANNEL_BROKEN', false, []]);
  });
  it('answers 17002 where its system is missing', () => {
    const { compile } = aCompiler();
    const { channel, findings } = compile({ system: 's' });
    expect([channel.outOfForce?.error, told(findings)]).toEqual([
      'SYSTEM_UNKNOWN',
      [`fault /system ${codes.SYSTEM_UNKNOWN}`],
    ]);
  });
  it('answers 17002 where its system is inactive', () => {
    const { compile } = aCompiler();
    const system = aComponent('system', 's', { executor: 'fake' }, { active: false });
    expect(compile({ system: 's' }, { system }).channel.outOfForce?.error).toBe('SYSTEM_UNKNOWN');
  });
  it('answers 17001 where the record of its system never was good', () => {
    const { compile } = aCompiler();
    const { channel, isGood } = compile({ system: 's' }, { system: aComponent('system', 's', null) });
    expect([channel.outOfForce?.error, isGood]).toEqual(['CHANNEL_BROKEN', false]);
  });
  it.each(['authToken', 'anonymousToken'] as const)(
    'answers 17003 where its %s is missing, inactive or broken',
    (field) => {
      const { compile } = aCompiler();
      const record = { system: 's', [field]: 't' };
      const tokens = [undefined, aComponent('token', 't', {}, { active: false }), aComponent('token', 't', null)];
      for (const token of tokens) {
        const { channel, findings } = compile(record, { system: aSystem(), ...(token && { [field]: token }) });
        expect(channel.outOfForce?.error).toBe('TOKEN_RECORD_MISSING');
        expect(told(findings)).toEqual([`fault /${field} ${codes.TOKEN_RECORD_MISSING}`]);
      }
    },
  );
  it('serves where both of its tokens are there', () => {
    const { compile } = aCompiler();
    const token = aComponent('token', 't', {}, { version: '7' });
    const others = { system: aSystem(), authToken: token, anonymousToken: token };
    const { channel } = compile({ system: 's', authToken: 't', anonymousToken: 't' }, others);
    expect([channel.outOfForce, channel.versions.token, channel.protected.userToken]).toEqual([null, '7', 't']);
  });
  it('names the executors that there are where its own is none', () => {
    const { compile } = aCompiler();
    const { channel, findings } = compile({ executor: 'grpc' });
    expect(channel.outOfForce?.error).toBe('CHANNEL_BROKEN');
    expect(findings).toMatchObject([
      { kind: 'channel', id: 'c', pointer: '/executor', message: '"grpc" is no executor; there are: fake, other' },
    ]);
  });
  it('leaves an executor that is none at the system that names it', () => {
    const { compile } = aCompiler();
    const { findings } = compile({ system: 's' }, { system: aSystem({ executor: 'grpc' }) });
    expect(findings).toMatchObject([{ kind: 'system', id: 's', pointer: '/executor' }]);
  });
  it('names every bad parameter at the record that says it', () => {
    const { compile } = aCompiler();
    const system = aSystem({ parameters: { url: 'bad', 'header.a/b': 'bad', 'header.c': 'good' } });
    const { findings, isGood } = compile({ system: 's', parameters: { 'header.c': 'bad' } }, { system });
    expect(isGood).toBe(false);
    expect(findings.map(({ kind, pointer, message }) => [kind, pointer, message])).toEqual([
      ['system', '/parameters/url', 'url is bad'],
      ['system', '/parameters/header.a~1b', 'header.a/b is bad'],
      ['channel', '/parameters/header.c', 'header.c is bad'],
    ]);
  });
  it('still matches its paths, so that its log lines and headers are as ever', () => {
    const { compile } = aCompiler();
    const { channel } = compile({ system: 's', responseHeaders: { 'X-A': '1' } });
    expect(channel.paths.find('/x').otherwise.headers).toEqual(['X-Plain', 'p', 'X-A', '1']);
  });
});

describe('a parameter that has no effect', () => {
  const warned = (parameters: SystemRecord['parameters'] & object) => {
    const { compile } = aCompiler();
    const { findings, isGood } = compile({ system: 's' }, { system: aSystem({ parameters }) });
    expect(isGood).toBe(true);
    return told(findings);
  };
  it('is a warning, since nobody reads it', () => {
    expect(warned({ unknown: 'x', url: 'http://a' })).toEqual(['warning /parameters/unknown 17001']);
  });
  it('is a warning, since it is not in force yet', () => {
    expect(warned({ later: true })).toEqual(['warning /parameters/later 17001']);
  });
  it('is none where it says false', () => {
    expect(warned({ later: false })).toEqual([]);
  });
  it('is none where it belongs to a family', () => {
    expect(warned({ 'header.x': '1' })).toEqual([]);
  });
  it.each(['constructor', 'toString', '__proto__'])('is one that is called %s', (name) => {
    const parameters = JSON.parse(`{"${name}":"x"}`) as Record<string, string>;
    expect(warned(parameters)).toEqual([`warning /parameters/${name} 17001`]);
  });
});

describe('a system that no channel uses', () => {
  it('is checked as far as it can be alone', () => {
    const { compiler } = aCompiler();
    const check = (record: SystemRecord | null) => told(compiler.checkSystem(aComponent('system', 's', record)));
    expect(check({ executor: 'nope' })).toEqual(['fault /executor 17001']);
    expect(check({ executor: 'fake', parameters: { unknown: 1 } })).toEqual(['warning /parameters/unknown 17001']);
    expect(check({ executor: 'fake' })).toEqual([]);
    expect(check(null)).toEqual([]);
  });
  it('is prepared for that, and no more', () => {
    const { compiler, fake } = aCompiler();
    compiler.checkSystem(aSystem());
    expect(fake.contexts).toHaveLength(1);
  });
});

describe('a finding', () => {
  it('names the file of its record, where there is one', () => {
    const { compiler } = aCompiler();
    const system = aComponent('system', 's', { executor: 'nope' }, { file: 'systems/s.yaml' });
    expect(compiler.checkSystem(system)[0]).toMatchObject({ file: 'systems/s.yaml' });
  });
});
