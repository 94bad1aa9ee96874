import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeControl } from '../../../test/support/control-fakes.js';
import { findingOf } from '../../components/check/record-check.js';
import type { ComponentKind } from '../../contracts/records.js';
import { ComponentCommands } from './component-commands.js';

const shown = (component: ComponentKind, id: string) => ({
  ...{ component, id, data: {}, version: 'v', active: true, findings: [] },
});
let control: FakeControl;
let commands: ComponentCommands;
beforeEach(() => {
  control = new FakeControl();
  control.shown = [shown('channel', 'shop'), shown('channel', 'bank'), shown('token', 't')];
  commands = new ComponentCommands(control);
});
const refusal = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
    return null;
  } catch (error) {
    return (error as { error?: string }).error;
  }
};

describe('SHOW', () => {
  it('shows one component, or the list of all', () => {
    expect(commands.show({ component: 'channel', id: 'shop' })).toEqual(shown('channel', 'shop'));
    expect(commands.show({ component: 'channel', id: '*' })).toMatchObject({ total: 2, list: [{}, {}] });
    expect(commands.show({ component: 'service', id: '*' })).toEqual({ list: [], total: 0 });
    expect(control.refreshes).toEqual([]);
  });
  it('takes a kind in any case, and as folders are called', () => {
    for (const component of ['CHANNEL', 'Channels'])
      expect(commands.show({ component, id: 'shop' })).toEqual(shown('channel', 'shop'));
  });
  it.each([
    ['chanel', 'shop', 'KIND_UNKNOWN'],
    ['__proto__', 'shop', 'KIND_UNKNOWN'],
    ['', 'shop', 'KIND_UNKNOWN'],
    ['channel', 'Shop', 'COMPONENT_UNKNOWN'],
    ['channel', 't', 'COMPONENT_UNKNOWN'],
    ['channel', '__proto__', 'COMPONENT_UNKNOWN'],
    ['channel', 'x'.repeat(129), 'INPUT_INVALID'],
  ])('of %s %s is refused', async (component, id, expected) => {
    expect(await refusal(() => commands.show({ component, id }))).toBe(expected);
  });
});

describe('REFRESH', () => {
  it('looks at the source, then shows', async () => {
    expect(await commands.refresh({ component: 'channel', id: 'shop' })).toEqual(shown('channel', 'shop'));
    expect(control.refreshes).toHaveLength(1);
  });
  it('of an unknown kind looks at nothing', async () => {
    expect(await refusal(() => commands.refresh({ component: 'x', id: '*' }))).toBe('KIND_UNKNOWN');
    expect(control.refreshes).toEqual([]);
  });
  it('whose load failed is an error; faults of single records are none', async () => {
    const answer = () => refusal(() => commands.refresh({ component: 'channel', id: '*' }));
    control.outcome = { ...control.outcome, findings: [findingOf('channel', 'shop', 'fault', { message: 'Wrong.' })] };
    expect(await answer()).toBeNull();
    control.outcome = { ...control.outcome, findings: [findingOf('system', '*', 'fault', { message: 'Away.' })] };
    expect(await answer()).toBe('REFRESH_FAILED');
  });
});

describe('a command', () => {
  const ADDRESSED = { component: 'channel', id: 'shop' };

  it.each([
    ['SHOW', 0],
    ['show', 0],
    ['REFRESH', 1],
  ])('%s is known', async (command, refreshes) => {
    await commands.run(command, ADDRESSED);
    expect(control.refreshes).toHaveLength(refreshes);
  });
  it.each(['', 'DROP', 'SHOW '])('%j is not', async (command) => {
    expect(await refusal(() => commands.run(command, ADDRESSED))).toBe('COMMAND_UNKNOWN');
  });
});
