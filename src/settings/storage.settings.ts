import { IsOptional } from 'class-validator';
import { Choice, PlainText, Text } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

/** Where components come from, and where the process keeps what it writes. Paths are absolute once they are read. */
export class StorageSettings {
  @Setting('config.loader.type', {
    doc: 'where components come from',
    defaultText: '`database`; `rest` where only config.loader.baseUrl is set',
  })
  @Choice(['database', 'rest', 'files'])
  readonly loader: 'database' | 'rest' | 'files' = 'database' as const;

  @Setting('config.loader.folder', { doc: 'folder of YAML/JSON records, watched for change' })
  @PlainText()
  readonly componentsFolder: string = 'config/components';

  @Setting('config.snapshot.path', {
    doc: 'last known good components: written after every good load, encrypted with secrets.key, used when the source is away at start',
    defaultText: '{data.folder}/snapshot.json',
  })
  @IsOptional()
  @PlainText()
  readonly snapshotPath: string | null = null;

  @Setting('database.url', {
    doc: 'Postgres 14 or later; unset = embedded Postgres in data.folder, started only when something needs it',
    secret: true,
  })
  @IsOptional()
  @Text(/^postgres(?:ql)?:\/\/[^\s]{1,2048}$/, 'a URL such as postgres://user:password@host:5432/database')
  readonly databaseUrl: string | null = null;

  @Setting('redis.url', {
    doc: 'Redis or Valkey, for what all processes of this gateway tell each other; unset = over the database, where database.url is set',
    secret: true,
  })
  @IsOptional()
  @Text(/^rediss?:\/\/[^\s]{1,2048}$/, 'a URL such as redis://user:password@host:6379/0, or rediss:// for TLS')
  readonly redisUrl: string | null = null;

  @Setting('data.folder', { doc: 'where embedded parts keep what they write; created, mode 0700' })
  @PlainText()
  readonly dataFolder: string = 'data';

  @Setting('demo.enabled', {
    doc: 'seed the sample components and users where there are none, and run the sample runner beside the gateway; auto = only under `npm start` with an embedded database, no configuration file and no setting by environment or --set',
  })
  @Choice(['auto', 'true', 'false'])
  readonly demo: 'auto' | 'true' | 'false' = 'auto';
}
