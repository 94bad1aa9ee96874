import {
  type DynamicModule,
  Inject,
  Module,
  type ModuleMetadata,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { COMPONENT_SOURCE, FINDING_BOARD, type ComponentSource, type FindingBoard } from '../contracts/components.js';
import { KEPT_SESSIONS } from '../contracts/kept-sessions.js';
import { SESSION_SERVER } from '../contracts/session-server.js';
import { LazyDatabase } from '../storage/lazy-database.js';
import { needsRunner } from '../storage/needs-runner.js';
import { SessionRunnerFactory } from './session-runner.factory.js';
import { StoredSessionList } from './stored-session-list.js';

const BAD_SYSTEM = 17001;

/** The built-in session server: systems with executor `local` and runner `session`. Without one it opens no database. */
@Module({})
export class SessionsModule implements OnModuleInit, OnModuleDestroy {
  private unsubscribe: (() => void) | null = null;

  constructor(
    @Inject(SessionRunnerFactory) private readonly factory: SessionRunnerFactory,
    @Inject(COMPONENT_SOURCE) private readonly source: ComponentSource,
  ) {}

  /** `imports`: whose modules export LazyDatabase, COMPONENT_SOURCE and FINDING_BOARD. */
  static register(imports: NonNullable<ModuleMetadata['imports']>): DynamicModule {
    return {
      module: SessionsModule,
      imports,
      providers: [
        {
          provide: SessionRunnerFactory,
          inject: [LazyDatabase, FINDING_BOARD],
          useFactory: (database: LazyDatabase, board: FindingBoard) => reporting(database, board),
        },
        { provide: SESSION_SERVER, useExisting: SessionRunnerFactory },
        {
          provide: KEPT_SESSIONS,
          inject: [SessionRunnerFactory],
          useFactory: ({ store }: SessionRunnerFactory) => new StoredSessionList(store),
        },
      ],
      exports: [KEPT_SESSIONS, SESSION_SERVER],
    };
  }

  /** The first call would wait for the database longer than a gateway waits for a session. Nothing waits for it here. */
  onModuleInit(): void {
    this.unsubscribe = this.source.subscribe(async (set) => {
      if (needsRunner(set, 'session')) this.factory.warmUp();
    });
  }

  onModuleDestroy(): void {
    this.unsubscribe?.();
    this.factory.stop();
  }
}

/** While the database is away, /health warns of it. */
function reporting(database: LazyDatabase, board: FindingBoard): SessionRunnerFactory {
  const factory: SessionRunnerFactory = new SessionRunnerFactory({
    database,
    changed: () => board.replace('sessions', findingsOf(factory.store.problem)),
  });
  return factory;
}

function findingsOf(problem: string | null): Parameters<FindingBoard['replace']>[1] {
  if (problem === null) return [];
  const message = `The database that keeps sessions cannot be had (${problem}): who has no session goes on without one.`;
  return [{ kind: 'system', id: 'session', severity: 'warning', pointer: '', code: BAD_SYSTEM, message }];
}
