import type { ComponentSet } from '../contracts/components.js';

/** The executor by its name, or by the class name that the original has for it. */
const LOCAL = /(?:^|\.)local(?:executor)?$/i;

/** Whether a system in force, or a channel that embeds one, is a built-in session server. */
export function needsSessions({ records }: Pick<ComponentSet, 'records'>): boolean {
  for (const kind of ['system', 'channel'] as const)
    for (const { active, record } of records[kind].values())
      if (active && record?.parameters?.['runner'] === 'session' && LOCAL.test(record.executor ?? '')) return true;
  return false;
}
