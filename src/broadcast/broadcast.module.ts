import { type DynamicModule, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { BROADCAST } from '../contracts/broadcast.js';
import type { Fleet } from '../contracts/fleet.js';
import { BroadcastHub, type BroadcastHubOptions } from './broadcast-hub.js';
import type { Way } from './way.js';

export interface BroadcastOptions extends Omit<BroadcastHubOptions, 'ways'> {
  readonly redisUrl: string | null;
  readonly databaseUrl: string | null;
  readonly fleet: Fleet | null;
}

/** What all workers and replicas of this gateway must know soon. */
@Module({})
export class BroadcastModule implements OnModuleDestroy {
  constructor(@Inject(BROADCAST) private readonly hub: BroadcastHub) {}

  static register(options: BroadcastOptions): DynamicModule {
    const hub = new BroadcastHub({ ...options, ways: () => waysFor(options) });
    return { module: BroadcastModule, providers: [{ provide: BROADCAST, useValue: hub }], exports: [BROADCAST] };
  }

  onModuleDestroy(): Promise<void> {
    return this.hub.close();
  }
}

/** To other hosts over Redis, or else the database; to the workers of this one also without either. Code of others is not loaded. */
async function waysFor({ redisUrl, databaseUrl, fleet }: BroadcastOptions): Promise<readonly Way[]> {
  const ways: Way[] = [];
  if (fleet !== null) {
    const { WorkerWay } = await import('./worker-way.js');
    ways.push(new WorkerWay(fleet));
  }
  if (redisUrl !== null) {
    const { RedisWay } = await import('./redis-way.js');
    ways.push(new RedisWay(redisUrl));
  } else if (databaseUrl !== null) {
    const { PostgresWay } = await import('./postgres-way.js');
    ways.push(new PostgresWay(databaseUrl));
  }
  return ways;
}
