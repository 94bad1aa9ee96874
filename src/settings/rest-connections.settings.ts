import { IsOptional } from 'class-validator';
import { readInstances } from '../contracts/read-instances.js';
import { Choice, Custom, Flag, LONGEST_TIMER_MS, PlainText, Text, Whole } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

const MOST = 1_000_000;
/** Ports do not matter to what is a mistake. */
const faultsOf = (value: unknown): readonly string[] =>
  typeof value === 'string' ? readInstances(value, 80).faults : ['is no text'];

/** How the REST source of components is reached: its instances, and the connections to them. */
export class RestConnectionSettings {
  @Setting('config.loader.balanced', {
    doc: 'REST loader: the host of config.loader.baseUrl is the name of a service whose instances are found and asked in turn',
    defaultText: '`false`; `true` with config.loader.instances',
  })
  @IsOptional()
  @Flag()
  readonly isBalanced: boolean | null = null;

  @Setting('config.loader.discovery', {
    doc: 'REST loader: where instances are found',
    defaultText: '`static` with config.loader.instances, `consul` where discovery.consul.address is set, else `dns`',
  })
  @IsOptional()
  @Choice(['static', 'dns', 'srv', 'consul'])
  readonly discovery: 'static' | 'dns' | 'srv' | 'consul' | null = null;

  @Setting('config.loader.instances', {
    doc: 'REST loader: instances, which stand for the host of config.loader.baseUrl; its scheme and path stay',
  })
  @IsOptional()
  @Custom({
    expected: 'host:port or URLs, with commas between them',
    read: (value) => {
      const text = Array.isArray(value) ? value.join(',') : value;
      return typeof text === 'string' && text.trim() === '' ? null : text;
    },
    accepts: (value) => faultsOf(value).length === 0,
    reason: (value) => `expected host:port or URLs, with commas between them: ${faultsOf(value).join('; ')}`,
  })
  readonly instances: string | null = null;

  @Setting('config.loader.totalTimeout', {
    doc: 'REST loader: ms of all tries of a page, a token that it needs among them',
    defaultText: 'each try has config.loader.timeout',
  })
  @IsOptional()
  @Whole(1, LONGEST_TIMER_MS)
  readonly totalTimeoutMs: number | null = null;

  @Setting('config.loader.maxConnections', {
    doc: 'REST loader: connections to one instance, of all workers together',
  })
  @Whole(1, MOST)
  readonly maxConnections: number = 500;

  @Setting('config.loader.maxIdleTime', { doc: 'REST loader: ms that an idle connection is kept' })
  @Whole(0, LONGEST_TIMER_MS, 'no limit')
  readonly maxIdleMs: number = 30_000;

  @Setting('config.loader.maxLifeTime', { doc: 'REST loader: ms that a connection is used' })
  @Whole(1, LONGEST_TIMER_MS, 'no limit')
  readonly maxLifeMs: number = -1;

  @Setting('config.loader.pendingAcquireMaxCount', {
    doc: 'REST loader: requests that may wait for a connection to one instance; the loader asks for one page at a time',
  })
  @Whole(0, MOST, 'no limit')
  readonly maxPending: number = 96;

  @Setting('config.loader.health.path', {
    doc: 'REST loader: path of health checks at each instance, from its root; without it there are none',
  })
  @IsOptional()
  @Text(/^\/?(?![a-z]+:)[\x21-\x7e]{1,2000}$/i, 'a path such as /health')
  readonly healthPath: string | null = null;

  @Setting('config.loader.health.intervalMs', { doc: 'REST loader: ms between health checks' })
  @Whole(1, LONGEST_TIMER_MS)
  readonly healthIntervalMs: number = 10_000;

  @Setting('config.loader.retryAfter503', {
    doc: 'REST loader: accepted and without effect, since no client is told when to come again',
  })
  @Whole(1)
  readonly retryAfterSeconds: number = 30;

  @Setting('config.loader.forwardHeaders', {
    doc: 'REST loader: accepted and without effect, since no client’s request is handed on',
  })
  @IsOptional()
  @PlainText()
  readonly forwardHeaders: string | null = null;
}
