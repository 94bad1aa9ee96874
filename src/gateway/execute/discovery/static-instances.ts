import type { InstanceAddress, InstanceListener, InstanceSource } from '../balance/instance-source.js';

/** Instances that never change: told once, before `watch` returns. */
export class StaticInstances implements InstanceSource {
  private isClosed = false;

  constructor(private readonly addresses: readonly InstanceAddress[]) {}

  watch(listener: InstanceListener): void {
    if (!this.isClosed) listener.found(this.addresses);
  }

  close(): void {
    this.isClosed = true;
  }
}
