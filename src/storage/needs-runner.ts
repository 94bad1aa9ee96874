import type { Component, ComponentSet } from '../contracts/components.js';

/** The executor by its name, or by the class name that the original has for it. */
const LOCAL = /(?:^|\.)local(?:executor)?$/i;

/** Servers of ours that keep what they have in the database. */
export type BuiltInRunner = 'identity' | 'session';

/** Whether a system, or a channel that embeds one, is in force and such a server. */
export function isBuiltIn({ active, record }: Component<'system' | 'channel'>, runner: BuiltInRunner): boolean {
  return active && record?.parameters?.['runner'] === runner && LOCAL.test(record.executor ?? '');
}

/** Whether anything in force is one. */
export function needsRunner({ records }: Pick<ComponentSet, 'records'>, runner: BuiltInRunner): boolean {
  return [...records.system.values(), ...records.channel.values()].some((each) => isBuiltIn(each, runner));
}
