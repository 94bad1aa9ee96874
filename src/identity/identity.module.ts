import {
  type DynamicModule,
  Inject,
  Module,
  type ModuleMetadata,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { COMPONENT_SOURCE, FINDING_BOARD, type ComponentSource, type FindingBoard } from '../contracts/components.js';
import { IDENTITIES } from '../contracts/identities.js';
import type { KeyDeriver, SecretBox } from '../secrets/secret-box.js';
import { LazyDatabase } from '../storage/lazy-database.js';
import { needsRunner } from '../storage/needs-runner.js';
import { IdentityRunnerFactory } from './identity-runner.factory.js';

export interface IdentityOptions {
  /** Encrypts the secrets of one-time passwords, and gives the keys of access tokens. */
  readonly box: SecretBox & KeyDeriver;
}

const BAD_SYSTEM = 17001;

/** The built-in identity server: systems with executor `local` and runner `identity`. It opens no database before somebody needs it. */
@Module({})
export class IdentityModule implements OnModuleInit, OnModuleDestroy {
  private unsubscribe: (() => void) | null = null;

  constructor(
    @Inject(IdentityRunnerFactory) private readonly factory: IdentityRunnerFactory,
    @Inject(COMPONENT_SOURCE) private readonly source: ComponentSource,
  ) {}

  /** `imports`: whose modules export LazyDatabase, COMPONENT_SOURCE and FINDING_BOARD. */
  static register(imports: NonNullable<ModuleMetadata['imports']>, { box }: IdentityOptions): DynamicModule {
    return {
      module: IdentityModule,
      imports,
      providers: [
        {
          provide: IdentityRunnerFactory,
          inject: [LazyDatabase, FINDING_BOARD],
          useFactory: (database: LazyDatabase, board: FindingBoard) => reporting(database, board, box),
        },
        {
          provide: IDENTITIES,
          inject: [IdentityRunnerFactory],
          useFactory: ({ identities }: IdentityRunnerFactory) => identities,
        },
      ],
      exports: [IDENTITIES, IdentityRunnerFactory],
    };
  }

  /** The first login would wait for the database longer than a gateway waits for its provider. Nothing waits for it here. */
  onModuleInit(): void {
    this.unsubscribe = this.source.subscribe(async (set) => {
      if (needsRunner(set, 'identity')) this.factory.warmUp();
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe?.();
    await this.factory.stop();
  }
}

/** While the database is away, /health warns of it. */
function reporting(database: LazyDatabase, board: FindingBoard, box: IdentityOptions['box']): IdentityRunnerFactory {
  const factory: IdentityRunnerFactory = new IdentityRunnerFactory({
    database,
    box,
    changed: () => board.replace('identity', findingsOf(factory.store.problem)),
  });
  return factory;
}

function findingsOf(problem: string | null): Parameters<FindingBoard['replace']>[1] {
  if (problem === null) return [];
  const message = `The database of users cannot be had (${problem}): nobody logs in; who is logged in goes on.`;
  return [{ kind: 'system', id: 'identity', severity: 'warning', pointer: '', code: BAD_SYSTEM, message }];
}
