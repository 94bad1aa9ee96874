import { type DynamicModule, Inject, Module, type ModuleMetadata, type OnApplicationShutdown } from '@nestjs/common';
import { RATE_STORES } from '../contracts/rate-store.js';
import { LazyDatabase } from '../storage/lazy-database.js';
import { RateStoreServices } from './rate-store-services.js';

export interface RateLimitOptions {
  readonly gatewayId: string;
  /** redis.url */
  readonly redisUrl: string | null;
}

/** Where the counts of user rate limits are that replicas share. */
@Module({})
export class RateLimitModule implements OnApplicationShutdown {
  constructor(@Inject(RateStoreServices) private readonly stores: RateStoreServices) {}

  /** `imports`: whose module exports LazyDatabase. */
  static register(imports: NonNullable<ModuleMetadata['imports']>, options: RateLimitOptions): DynamicModule {
    return {
      module: RateLimitModule,
      imports,
      providers: [
        {
          provide: RateStoreServices,
          inject: [LazyDatabase],
          useFactory: (database: LazyDatabase) => new RateStoreServices({ ...options, database }),
        },
        { provide: RATE_STORES, useExisting: RateStoreServices },
      ],
      exports: [RATE_STORES],
    };
  }

  /** After the gateway has given its leases back. */
  onApplicationShutdown(): Promise<void> {
    return this.stores.close();
  }
}
