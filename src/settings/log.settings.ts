import { IsOptional } from 'class-validator';
import { levelFrom } from './original-values.js';
import { Choice } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** What is logged, and how. */
export class LogSettings {
  @Setting('log.level', {
    doc: 'least level that is logged',
    aliases: [{ name: 'logging.level.root', convert: levelFrom }],
  })
  @Choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
  readonly level: LogLevel = 'info';

  /** Null: pretty on a terminal, else json. */
  @Setting('log.format', { doc: 'form of log lines', defaultText: 'json; pretty on a terminal' })
  @IsOptional()
  @Choice(['json', 'pretty'])
  readonly format: 'json' | 'pretty' | null = null;

  @Setting('log.requests', { doc: 'which requests get a line' })
  @Choice(['all', 'errors', 'none'])
  readonly requests: 'all' | 'errors' | 'none' = 'all';
}
