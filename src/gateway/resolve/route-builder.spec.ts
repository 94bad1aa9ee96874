import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { someLimits, someStages, unplanned } from '../../../test/support/an-exchange.js';
import { aComponent, aSet } from '../../../test/support/some-components.js';
import type { RateStoreChoice } from '../../contracts/rate-store.js';
import type { Component, Finding } from '../../contracts/components.js';
import { ParametersRejected, type Executor, type PrepareContext, type Target } from '../../contracts/executor.js';
import type { ChannelRecord } from '../../contracts/records.js';
import { ExecutorRegistry } from '../execute/executor.registry.js';
import { Targets } from '../execute/targets.js';
import { ChannelCompiler } from './channel-compiler.js';
import { RouteBuilder, RouteKeeper } from './route-builder.js';
import { TokenKinds } from './token-kinds.js';
import { RouteTable } from './route-table.js';

const SPECS = { url: { type: 'string', doc: 'Where.' } } as const;

/** Refuses the url `bad`; remembers which urls were opened and which were closed. */
function aKeeper() {
  const opened: string[] = [];
  const closed: string[] = [];
  const executor: Executor = {
    parameterSpecs: SPECS,
    prepare(parameters: ReadonlyMap<string, string>, { key }: PrepareContext): Target {
      const url = parameters.get('url') ?? '';
      if (url === 'bad') throw new ParametersRejected([{ parameter: 'url', message: 'is bad' }]);
      opened.push(url);
      return {
        key,
        ready: () => true,
        bind: () => ({ takes: 'event', execute: () => unplanned('a call') }),
        close: async () => void closed.push(url),
      };
    },
  };
  const executors = new ExecutorRegistry();
  executors.add(['fake'], executor);
  const targets = new Targets(unplanned);
  const routes = new RouteTable();
  let findings: readonly Finding[] = [];
  const rates: { choice: RateStoreChoice } = { choice: { store: null, finding: null } };
  const builder = new RouteBuilder(
    new ChannelCompiler({
      ...{
        executors,
        targets,
        tokens: new TokenKinds({ allowUnsigned: true }),
        limits: someLimits(),
        maxBufferedBytes: 1024,
        plainHeaders: {},
      },
      stages: someStages({ identify: { name: 'identify', run: unplanned } }),
    }),
    { choose: () => rates.choice, check: () => null },
    new Set(['admin']),
  );
  const keeper = new RouteKeeper(builder, routes, targets, (found) => (findings = found));
  return {
    rates,
    opened,
    closed,
    follow: (components: Component[], revision = 1) => keeper.follow(aSet(components, revision)),
    channel: (id: string) => routes.current.channels.get(id),
    alias: (path: string) => routes.current.aliases.find(path)?.alias.channel.id,
    routes,
    faults: () => findings.map(({ kind, id, pointer }) => `${kind} ${id} ${pointer}`),
    messages: () => findings.map(({ message }) => message),
  };
}

const system = (url: string, id = 's') => aComponent('system', id, { executor: 'fake', parameters: { url } });
const channel = (id: string, record: ChannelRecord = {}) => aComponent('channel', id, { system: 's', ...record });

describe('a reload', () => {
  it('keeps the very object of a channel whose records did not change', async () => {
    const keeper = aKeeper();
    const parts = [system('a'), channel('one')];
    await keeper.follow([...parts, channel('two')]);
    const [one, two] = [keeper.channel('one'), keeper.channel('two')];
    await keeper.follow([...parts, channel('two', { target: '/new' })], 2);
    expect([keeper.channel('one') === one, keeper.channel('two') === two]).toEqual([true, false]);
  });
  it('makes every channel of a system anew that changed', async () => {
    const keeper = aKeeper();
    const one = channel('one');
    await keeper.follow([system('a'), one]);
    const before = keeper.channel('one');
    await keeper.follow([system('b'), one], 2);
    expect(keeper.channel('one')).not.toBe(before);
  });
  it('makes every channel of a token anew that changed', async () => {
    const keeper = aKeeper();
    const parts = [system('a'), channel('one', { authToken: 't' })];
    await keeper.follow([...parts, aComponent('token', 't', {}, { version: '1' })]);
    await keeper.follow([...parts, aComponent('token', 't', {}, { version: '2' })], 2);
    expect(keeper.channel('one')?.versions.token).toBe('2');
  });
  it('swaps the whole table as one reference, which cannot be changed', async () => {
    const keeper = aKeeper();
    await keeper.follow([system('a'), channel('one')]);
    const before = keeper.routes.current;
    await keeper.follow([system('a')], 2);
    expect([before.channels.size, before.revision, Object.isFrozen(before)]).toEqual([1, 1, true]);
    expect([keeper.routes.current.channels.size, keeper.routes.current.revision]).toEqual([0, 2]);
  });
  it('leaves out channels that are inactive', async () => {
    const keeper = aKeeper();
    await keeper.follow([system('a'), aComponent('channel', 'one', { system: 's' }, { active: false })]);
    expect(keeper.channel('one')).toBeUndefined();
  });
});

describe('the targets of a reload', () => {
  it('are kept where nothing changed in them, though records did', async () => {
    const keeper = aKeeper();
    await keeper.follow([system('a'), channel('one')]);
    await keeper.follow([system('a'), channel('one', { target: '/new' })], 2);
    expect([keeper.opened, keeper.closed]).toEqual([['a'], []]);
  });
  it('are closed once another has taken their place', async () => {
    const keeper = aKeeper();
    await keeper.follow([system('a'), channel('one')]);
    await keeper.follow([system('b'), channel('one')], 2);
    expect([keeper.opened, keeper.closed]).toEqual([['a', 'b'], ['a']]);
  });
  it('are kept as long as one channel uses them', async () => {
    const keeper = aKeeper();
    await keeper.follow([system('a'), channel('one'), channel('two')]);
    await keeper.follow([system('a'), channel('two')], 2);
    expect(keeper.closed).toEqual([]);
    await keeper.follow([system('a')], 3);
    expect(keeper.closed).toEqual(['a']);
  });
  it('are one for two systems with equal parameters', async () => {
    const keeper = aKeeper();
    await keeper.follow([system('a', 's'), system('a', 't'), channel('one'), channel('two', { system: 't' })]);
    expect(keeper.opened).toEqual(['a']);
  });
});

describe('a channel that no longer compiles', () => {
  async function broken() {
    const keeper = aKeeper();
    const parts = [channel('one', { aliases: [{ alias: 'hello', target: '/' }] })];
    await keeper.follow([system('a'), ...parts]);
    const good = keeper.channel('one');
    await keeper.follow([system('bad'), ...parts], 2);
    return { keeper, parts, good };
  }
  it('keeps its last good version, its aliases and its target', async () => {
    const { keeper, good } = await broken();
    expect([keeper.channel('one') === good, keeper.alias('/hello'), keeper.closed]).toEqual([true, 'one', []]);
  });
  it('has its fault reported', async () => {
    const { keeper } = await broken();
    expect(keeper.faults()).toEqual(['system s /parameters/url']);
  });
  it('still does so after two bad versions', async () => {
    const { keeper, parts, good } = await broken();
    await keeper.follow([system('bad'), ...parts], 3);
    expect([keeper.channel('one') === good, keeper.faults()]).toEqual([true, ['system s /parameters/url']]);
  });
  it('takes changes of its own meanwhile, and new channels come, on the last good version of its system', async () => {
    const { keeper } = await broken();
    const disabled = channel('one', { paths: { '*': { isDisabled: true } } });
    await keeper.follow([system('bad'), disabled, channel('two')], 3);
    for (const id of ['one', 'two']) {
      expect([keeper.channel(id)?.outOfForce, keeper.channel(id)?.versions.channel]).toEqual([null, '1']);
    }
    expect(keeper.channel('one')?.protected.rules['*']).toEqual({ isDisabled: true });
    expect([keeper.opened, keeper.closed, keeper.faults()]).toEqual([['a'], [], ['system s /parameters/url']]);
  });
  it('serves anew once it is mended', async () => {
    const { keeper, parts } = await broken();
    await keeper.follow([system('b'), ...parts], 3);
    expect([keeper.faults(), keeper.closed, keeper.opened]).toEqual([[], ['a'], ['a', 'b']]);
  });
  it('is gone with its record', async () => {
    const { keeper } = await broken();
    await keeper.follow([system('bad')], 3);
    expect([keeper.channel('one'), keeper.closed]).toEqual([undefined, ['a']]);
  });
});

describe('a channel that never compiled', () => {
  it('is out of force, beside others that serve', async () => {
    const keeper = aKeeper();
    await keeper.follow([system('bad'), channel('one'), channel('two', { system: 't' }), system('a', 't')]);
    expect(keeper.channel('one')?.outOfForce?.error).toBe('CHANNEL_BROKEN');
    expect(keeper.channel('two')?.outOfForce).toBeNull();
  });
  it('is out of force where its record is broken', async () => {
    const keeper = aKeeper();
    await keeper.follow([aComponent('channel', 'one', null)]);
    expect(keeper.channel('one')?.outOfForce?.error).toBe('CHANNEL_BROKEN');
  });
  it('serves once it is mended', async () => {
    const keeper = aKeeper();
    const one = channel('one');
    await keeper.follow([system('bad'), one]);
    await keeper.follow([system('a'), one], 2);
    expect(keeper.channel('one')?.outOfForce).toBeNull();
  });
});

describe('a channel whose system goes', () => {
  it('is out of force, and its target is closed', async () => {
    const keeper = aKeeper();
    const one = channel('one');
    await keeper.follow([system('a'), one]);
    await keeper.follow([one], 2);
    expect([keeper.channel('one')?.outOfForce?.error, keeper.closed]).toEqual(['SYSTEM_UNKNOWN', ['a']]);
  });
});

describe('an alias that two channels claim', () => {
  const claims = (id: string) =>
    channel(id, {
      aliases: [
        { alias: 'mine', target: '/' },
        { alias: 'shared', target: '/' },
      ],
    });

  it.each([
    ['first', ['a', 'b']],
    ['last', ['b', 'a']],
  ])('is served by the lower id, which comes %s', async (_place, ids) => {
    const keeper = aKeeper();
    await keeper.follow([
      system('x'),
      ...ids.map((id) => channel(id, { aliases: [{ alias: 'shared', target: '/' }] })),
    ]);
    expect([keeper.alias('/shared'), keeper.faults()]).toEqual(['a', ['channel b /aliases/0']]);
  });
  it('is a fault of that alias only: the others of the channel serve', async () => {
    const keeper = aKeeper();
    const b = channel('b', {
      aliases: [
        { alias: 'shared', target: '/' },
        { alias: 'own', target: '/' },
      ],
    });
    await keeper.follow([system('x'), channel('a', { aliases: [{ alias: 'shared', target: '/' }] }), b]);
    expect([keeper.alias('/own'), keeper.channel('b')?.outOfForce, keeper.faults()]).toEqual([
      'b',
      null,
      ['channel b /aliases/0'],
    ]);
  });
  it('is a fault of that alias only where the path belongs to the gateway itself', async () => {
    const keeper = aKeeper();
    const aliases = ['admin', 'admin/x', 'own'].map((alias) => ({ alias, target: '/' }));
    await keeper.follow([system('x'), channel('a', { aliases })]);
    expect([keeper.alias('/own'), keeper.alias('/admin/x'), keeper.faults()]).toEqual([
      'a',
      undefined,
      ['channel a /aliases/0/alias', 'channel a /aliases/1/alias'],
    ]);
  });
  it('names who serves it to each of the others', async () => {
    const keeper = aKeeper();
    await keeper.follow([system('x'), claims('c'), claims('b'), claims('a')]);
    expect(keeper.messages()).toHaveLength(4);
    for (const message of keeper.messages()) expect(message).toContain('channel "a"');
  });
  it('is no fault any more once one of them lets it go', async () => {
    const keeper = aKeeper();
    const parts = [system('x'), channel('b', { aliases: [{ alias: 'shared', target: '/' }] })];
    await keeper.follow([...parts, channel('a', { aliases: [{ alias: 'shared', target: '/' }] })]);
    await keeper.follow([...parts, channel('a')], 2);
    expect([keeper.alias('/shared'), keeper.faults()]).toEqual(['b', []]);
  });
});

describe('a system that no channel uses', () => {
  it('is at fault where a channel that uses it would be', async () => {
    const keeper = aKeeper();
    await keeper.follow([system('bad')]);
    expect(keeper.faults()).toEqual(['system s /parameters/url']);
  });
  it('is checked too', async () => {
    const keeper = aKeeper();
    await keeper.follow([aComponent('system', 's', { executor: 'nope' })]);
    expect(keeper.faults()).toEqual(['system s /executor']);
  });
  it('has each fault once, however many channels it has', async () => {
    const keeper = aKeeper();
    await keeper.follow([system('bad'), channel('one'), channel('two')]);
    expect(keeper.faults()).toEqual(['system s /parameters/url']);
  });
});

describe('a reload of a few changes among many channels', () => {
  const paths = ['a', 'b', 'c', 'd'];
  /** Channel number → its aliases, or null for one that is not there. */
  const world = fc.array(fc.option(fc.subarray(paths), { nil: null }), { minLength: 20, maxLength: 20 });
  const componentsOf = (aliasesOf: readonly (readonly string[] | null)[]): Component[] => [
    system('a'),
    ...aliasesOf.flatMap((aliases, number) => (aliases === null ? [] : [aliased(number, aliases)])),
  ];
  const known = new Map<string, Component>();
  // The same object for the same content, as a source gives them.
  const aliased = (number: number, aliases: readonly string[]): Component => {
    const key = `${number} ${aliases.join(' ')}`;
    const id = `c${String(number).padStart(2, '0')}`;
    if (!known.has(key)) known.set(key, channel(id, { aliases: aliases.map((alias) => ({ alias, target: '/x' })) }));
    return known.get(key)!;
  };
  const shown = (keeper: ReturnType<typeof aKeeper>) => ({
    channels: [...keeper.routes.current.channels.keys()].sort(),
    aliases: paths.map((path) => keeper.alias(`/${path}`)),
    faults: [...keeper.faults()].sort(),
  });

  it('comes to what a load from nothing comes to', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(world, { minLength: 2, maxLength: 5 }), fc.nat(19), async (worlds, only) => {
        const living = aKeeper();
        let last = worlds[0]!;
        for (const [index, next] of worlds.entries()) {
          // Every other step changes one channel alone.
          last = index % 2 === 0 ? next : last.with(only, next[only]!);
          const components = componentsOf(last);
          await living.follow(components, index + 1);
          const fresh = aKeeper();
          await fresh.follow(components, index + 1);
          expect(shown(living)).toEqual(shown(fresh));
        }
      }),
    );
  });
});
