import type { ComponentSet } from '../contracts/components.js';

/** The executor by its name, or by the class name that the original has for it. */
const LOCAL = /(?:^|\.)local(?:executor)?$/i;

/** Whether a system in force, or a channel that embeds one, is a built-in server of that name, which keeps what it has in the database. */
export function needsRunner({ records }: Pick<ComponentSet, 'records'>, runner: 'identity' | 'session'): boolean {
  for (const kind of ['system', 'channel'] as const)
    for (const { active, record } of records[kind].values())
      if (active && record?.parameters?.['runner'] === runner && LOCAL.test(record.executor ?? '')) return true;
  return false;
}
