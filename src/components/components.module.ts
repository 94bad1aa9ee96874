import { type DynamicModule, Inject, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { COMPONENT_SOURCE, FINDING_BOARD, type FindingBoard } from '../contracts/components.js';
import { ComponentStore } from './component-store.js';
import { FilesLoader, type FilesLoaderOptions } from './files-loader.js';
import { StandingFindings } from './finding-board.js';

export type ComponentsOptions = FilesLoaderOptions;

/** Brings the components of this gateway, and keeps them in line with where they are stored. */
@Module({})
export class ComponentsModule implements OnModuleInit, OnModuleDestroy {
  constructor(@Inject(FilesLoader) private readonly loader: FilesLoader) {}

  static register(options: ComponentsOptions): DynamicModule {
    return {
      module: ComponentsModule,
      providers: [
        { provide: FINDING_BOARD, useFactory: () => new StandingFindings() },
        {
          provide: ComponentStore,
          inject: [FINDING_BOARD],
          useFactory: (board: FindingBoard) => new ComponentStore({ board, log: options.log }),
        },
        { provide: COMPONENT_SOURCE, useExisting: ComponentStore },
        {
          provide: FilesLoader,
          inject: [ComponentStore],
          useFactory: (store: ComponentStore) => new FilesLoader(store, options),
        },
      ],
      exports: [COMPONENT_SOURCE, FINDING_BOARD],
    };
  }

  /** Begins the first load and returns at once: who needs the first set subscribes to the source. */
  onModuleInit(): void {
    this.loader.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loader.stop();
  }
}
