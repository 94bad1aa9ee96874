import {
  type DynamicModule,
  Inject,
  Module,
  type ModuleMetadata,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { existsSync } from 'node:fs';
import type { Log } from '../components/load-log.js';
import { BROADCAST, type Broadcast } from '../contracts/broadcast.js';
import { FINDING_BOARD, type FindingBoard } from '../contracts/components.js';
import { TOKEN_LEDGER } from '../contracts/token-ledger.js';
import type { Metrics } from '../observability/metrics.js';
import { METRICS } from '../observability/tokens.js';
import type { SecretBox } from '../secrets/secret-box.js';
import { LazyDatabase } from '../storage/lazy-database.js';
import { followLedger } from './ledger/follow-ledger.js';
import { StoredTokenLedger } from './ledger/stored-token-ledger.js';

export interface TokensOptions {
  /** Null: the database is the embedded one, which nobody shares. */
  readonly databaseUrl: string | null;
  readonly box: SecretBox;
  readonly log: Log;
}

/** What is kept of tokens: logins with their refresh tokens, and what was revoked. */
@Module({})
export class TokensModule implements OnModuleInit, OnModuleDestroy {
  constructor(@Inject(StoredTokenLedger) private readonly ledger: StoredTokenLedger) {}

  /** `imports`: whose modules export LazyDatabase, BROADCAST, METRICS and FINDING_BOARD. */
  static register(imports: NonNullable<ModuleMetadata['imports']>, options: TokensOptions): DynamicModule {
    return {
      module: TokensModule,
      imports,
      providers: [
        {
          provide: StoredTokenLedger,
          inject: [LazyDatabase, BROADCAST, METRICS, FINDING_BOARD],
          useFactory: (database: LazyDatabase, broadcast: Broadcast, metrics: Metrics, board: FindingBoard) => {
            const ledger = new StoredTokenLedger({
              ...{ database, broadcast, box: options.box, log: options.log },
              isShared: options.databaseUrl !== null,
              mayHoldSome: () => existsSync(database.folder),
            });
            followLedger(ledger, metrics, board);
            return ledger;
          },
        },
        { provide: TOKEN_LEDGER, useExisting: StoredTokenLedger },
      ],
      exports: [TOKEN_LEDGER],
    };
  }

  /** No request comes before what was revoked is known, or cannot be had. */
  onModuleInit(): Promise<void> {
    return this.ledger.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.ledger.stop();
  }
}
