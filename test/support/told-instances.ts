import type { InstanceAddress, InstanceListener } from '../../src/gateway/execute/balance/instance-source.js';

/** Remembers what a source told, in order: a list as `host:port` texts in alphabetical order, a failure as its reason. */
export class ToldInstances implements InstanceListener {
  readonly told: (readonly string[] | string)[] = [];
  last: readonly InstanceAddress[] = [];

  found(addresses: readonly InstanceAddress[]): void {
    this.last = addresses;
    this.told.push(addresses.map(({ host, port }) => `${host}:${port}`).sort());
  }

  failed(reason: string): void {
    this.told.push(reason);
  }

  recoveries = 0;
  recovered(): void {
    this.recoveries++;
  }
}

export const anAddress = (host: string, given: Partial<InstanceAddress> = {}): InstanceAddress => ({
  host,
  port: 80,
  weight: 1,
  priority: 0,
  ...given,
});
