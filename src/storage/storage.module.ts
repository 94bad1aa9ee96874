import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { LazyDatabase } from './lazy-database.js';

/** The database, for whoever needs one: nothing of it starts before. */
@Module({})
export class StorageModule implements OnApplicationShutdown {
  constructor(@Inject(LazyDatabase) private readonly database: LazyDatabase) {}

  static of(database: LazyDatabase): DynamicModule {
    return {
      module: StorageModule,
      providers: [{ provide: LazyDatabase, useValue: database }],
      exports: [LazyDatabase],
    };
  }

  /** After the modules that use it have ended. */
  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
