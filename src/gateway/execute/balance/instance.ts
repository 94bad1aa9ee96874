import type { Dispatcher, Pool } from 'undici';
import type { InstanceAddress } from './instance-source.js';
import { InstanceHealth } from './instance-health.js';

/** One instance of a backend: its connections, and whether it gets calls. */
export class Instance {
  readonly health = new InstanceHealth();
  /** Calls that it was given and that have not ended. */
  pending = 0;
  /** When it last said something, or was first asked after a silence; ms of `performance.now()`. */
  heardAtMs = 0;
  /** Others are preferred until a probe has said how it is. */
  isSuspect = false;
  isProbed = false;
  /** When its health is checked next. */
  checkAtMs = 0;
  private pool: Pool | null = null;

  constructor(
    readonly address: InstanceAddress,
    /** `http://host:port` */
    readonly origin: string,
    private readonly makePool: (origin: string) => Pool,
  ) {}

  /** Connections are made by the first call: a configuration that is only checked opens nothing. */
  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.pool ??= this.makePool(this.origin);
    this.pool.dispatch(request, handler);
  }

  /** Open connections, and those of them that carry a call. */
  get connections(): { readonly open: number; readonly busy: number } {
    const stats = this.pool?.stats;
    return stats === undefined ? { open: 0, busy: 0 } : { open: stats.connected, busy: stats.running };
  }

  /** Calls under way end first. */
  async close(): Promise<void> {
    await this.pool?.close();
  }
}

/** What tells one instance from another: a list that names it again means the same. */
export function instanceKey({ host, port }: InstanceAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
