import type { BalancerEvents } from './balance/balancer.js';
import { instanceKey, type Instance } from './balance/instance.js';

const WHY = {
  unreachable: 'no connection can be made',
  silent: 'it takes calls and does not answer',
  errors: 'it answers errors only',
  check: 'its health check fails',
} as const;

/** Where it is told. */
export interface BackendLogLines {
  log(level: 'warn' | 'info', message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Tells the log what becomes of the instances of one backend, and counts. */
export class BackendLog implements BalancerEvents {
  readonly ejections = { unreachable: 0, silent: 0, errors: 0, check: 0 };

  constructor(
    private readonly log: BackendLogLines,
    private readonly system: string,
  ) {}

  takenOut(instance: Instance, reason: keyof typeof WHY): void {
    this.ejections[reason]++;
    this.say('warn', `an instance gets no calls for now: ${WHY[reason]}`, { instance: instanceKey(instance.address) });
  }

  backInService(instance: Instance): void {
    this.say('info', 'an instance is back in service', { instance: instanceKey(instance.address) });
  }

  discoveryFailed(reason: string): void {
    this.say('warn', 'looking for instances fails: those that are known serve on', { reason });
  }

  discoveryBack(): void {
    this.say('info', 'looking for instances works again', {});
  }

  changed(instances: number): void {
    if (instances === 0) this.say('warn', 'the backend has no instance', {});
    else this.say('info', 'the instances of the backend changed', { instances });
  }

  private say(level: 'warn' | 'info', message: string, fields: Readonly<Record<string, unknown>>): void {
    this.log.log(level, message, { system: this.system, ...fields });
  }
}
