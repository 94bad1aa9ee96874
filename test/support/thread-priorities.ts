import { readdirSync, readFileSync } from 'node:fs';

export const SCHED_OTHER = '0';
export const SCHED_IDLE = '5';

/** [nice, policy] of each thread of a process (proc(5), stat). */
export function threadPriorities(process: number | 'self'): (readonly [string, string])[] {
  return readdirSync(`/proc/${process}/task`).map((thread) => {
    const fields = readFileSync(`/proc/${process}/task/${thread}/stat`, 'latin1').split(') ')[1]!.split(' ');
    return [fields[16]!, fields[38]!] as const;
  });
}
