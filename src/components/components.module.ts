import { type DynamicModule, Inject, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { BROADCAST, type Broadcast } from '../contracts/broadcast.js';
import { COMPONENT_CONTROL, type ComponentControl } from '../contracts/component-control.js';
import { COMPONENT_SOURCE, FINDING_BOARD, type FindingBoard } from '../contracts/components.js';
import type { LookupResolver } from '../lookups/lookup-resolver.js';
import type { SecretBox } from '../secrets/secret-box.js';
import { RECONNECTS } from '../contracts/reconnects.js';
import { BroadcastControl } from './broadcast-control.js';
import { SourceControl } from './component-control.js';
import { ComponentStore } from './component-store.js';
import { EphemeralLookups } from './ephemeral-lookups.js';
import { StandingFindings } from './finding-board.js';
import { readLastKnownGood } from './read-last-known-good.js';
import type { Log } from './load-log.js';
import type { Loader, RecordSink } from './loader.js';
import { LookupStage } from './lookup-stage.js';
import { SnapshotKeeper } from './snapshot/snapshot-keeper.js';

export interface ComponentsOptions {
  readonly gatewayId: string;
  readonly box: SecretBox;
  readonly resolver: LookupResolver;
  readonly snapshotPath: string;
  /** False where another process of this host keeps it. */
  readonly keepsSnapshot?: boolean;
  /** The loader of the source that settings name. */
  readonly loader: (sink: RecordSink) => Promise<Loader>;
  readonly log: Log;
}

export const LOADER = Symbol('Loader');

/** Brings the components of this gateway, and keeps them in line with where they are stored. */
@Module({})
export class ComponentsModule implements OnModuleInit, OnModuleDestroy {
  constructor(
    @Inject(LOADER) private readonly loader: Loader,
    @Inject(SnapshotKeeper) private readonly keeper: SnapshotKeeper,
    @Inject(RECONNECTS) private readonly ephemeral: EphemeralLookups,
    @Inject(COMPONENT_CONTROL) private readonly control: ComponentControl,
  ) {}

  /** `shared` may bring the Broadcast: without it a refresh is of this process alone. */
  static register(options: ComponentsOptions, shared: DynamicModule[] = []): DynamicModule {
    const { gatewayId, box, log, snapshotPath: path, resolver, keepsSnapshot = true } = options;
    return {
      module: ComponentsModule,
      imports: shared,
      providers: [
        { provide: FINDING_BOARD, useFactory: () => new StandingFindings() },
        { provide: SnapshotKeeper, useFactory: () => new SnapshotKeeper({ path, gatewayId, box, log }) },
        {
          provide: ComponentStore,
          inject: [FINDING_BOARD, SnapshotKeeper],
          useFactory: (board: FindingBoard, keeper: SnapshotKeeper) =>
            new ComponentStore({
              board,
              log,
              lastKnownGood: () => readLastKnownGood({ path, gatewayId, box, log }),
              ...(keepsSnapshot && { loaded: (set) => keeper.keep(set) }),
            }),
        },
        { provide: COMPONENT_SOURCE, useExisting: ComponentStore },
        {
          provide: LookupStage,
          inject: [ComponentStore],
          useFactory: (store: ComponentStore) => new LookupStage(store, { resolver, gatewayId }),
        },
        { provide: LOADER, inject: [LookupStage], useFactory: (stage: LookupStage) => options.loader(stage) },
        {
          provide: RECONNECTS,
          inject: [LookupStage, LOADER],
          useFactory: (stage: LookupStage, loader: Loader) =>
            new EphemeralLookups({ hasAny: () => stage.holdsEphemeral, refresh: () => loader.refresh() }),
        },
        {
          provide: SourceControl,
          inject: [ComponentStore, LOADER, FINDING_BOARD],
          useFactory: (store: ComponentStore, loader: Loader, board: FindingBoard) =>
            new SourceControl(store, loader, board),
        },
        {
          provide: COMPONENT_CONTROL,
          inject: [SourceControl, { token: BROADCAST, optional: true }],
          useFactory: (local: SourceControl, broadcast?: Broadcast): ComponentControl =>
            broadcast === undefined ? local : new BroadcastControl(local, broadcast, log),
        },
      ],
      exports: [COMPONENT_SOURCE, COMPONENT_CONTROL, FINDING_BOARD, RECONNECTS, SnapshotKeeper],
    };
  }

  /** Begins the first load and returns at once: who needs the first set subscribes to the source. */
  onModuleInit(): void {
    this.loader.start();
  }

  async onModuleDestroy(): Promise<void> {
    if (this.control instanceof BroadcastControl) this.control.stop();
    this.ephemeral.stop();
    await this.loader.stop();
    await this.keeper.stop();
  }
}
