import { COMPONENT_KINDS } from '../contracts/records.js';
import { prepareChecks } from './check/record-kinds.js';
import type { Loader, RecordSink } from './loader.js';
import { LookAgain } from './look-again.js';
import { PageReader } from './rest/page-reader.js';
import { RestClient } from './rest/rest-client.js';
import type { RestLoaderOptions } from './rest/rest-loader-options.js';
import { type Pages, SourceReader, UnreadableKind } from './rest/source-reader.js';
import { readSteady, type SteadyRead } from './rest/steady-read.js';
import { RetryDelay } from './retry-delay.js';

const FIRST_RETRY_MS = 1000;
/** Where there is no interval to keep to. */
const LONGEST_RETRY_MS = 15_000;
/** A source that fails in ever new ways does not fill the log. */
const MOST_REPORTED = 20;
const STAYS = 'everything stays in force';

/** Keeps a sink in line with a REST source (spec/components.md, "Loading"). */
export class RestLoader implements Loader {
  private readonly stopping = new AbortController();
  private readonly client: RestClient;
  private readonly looks = new LookAgain(({ acceptEmpty = false }) => this.look(acceptEmpty));
  private readonly retry: RetryDelay;
  private readonly source: string;
  /** What the sink has. */
  private known: Pages = new Map();
  private readonly reported = new Set<string>();

  constructor(
    private readonly sink: RecordSink,
    private readonly options: RestLoaderOptions,
  ) {
    this.client = new RestClient(options, this.stopping.signal);
    this.source = this.client.urlOf('');
    const { refreshMs } = options;
    const longestMs = refreshMs === -1 ? LONGEST_RETRY_MS : refreshMs;
    this.retry = new RetryDelay(Math.min(FIRST_RETRY_MS, longestMs), longestMs);
  }

  start(): void {
    this.looks.start();
    void this.refresh();
  }

  refresh(options: { readonly acceptEmpty?: boolean } = {}): Promise<void> {
    return this.looks.now({ full: true, ...options });
  }

  /** Settles when a load under way has ended; one that waits for the source is cut off. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looks.stop();
    await this.client.close();
  }

  /** Never throws; says when the next look is due. */
  private async look(acceptEmpty: boolean): Promise<number> {
    const { signal } = this.stopping;
    try {
      if (await this.takeOver(acceptEmpty)) {
        this.succeed();
        return this.options.refreshMs;
      }
    } catch (error) {
      if (signal.aborted) return -1;
      await this.fail(error);
    }
    return this.retry.take();
  }

  private async takeOver(acceptEmpty: boolean): Promise<boolean> {
    const startedAt = performance.now();
    const { pages, isSteady } = await this.readAll();
    if (!isSteady) {
      const message =
        'The source of components changes all the time while it is read: what is in force may be of several moments until the next load.';
      this.options.log('info', message, { source: this.source });
    }
    const fresh = [...pages.values()].flatMap(({ origin, records }) =>
      records === null ? [] : [[origin, records] as const],
    );
    const removed = [...this.known.keys()].filter((origin) => !pages.has(origin));
    if (!(await this.sink.apply({ replaced: new Map(fresh), removed }, { full: true, acceptEmpty }))) return false;
    this.known = new Map([...pages].map(([origin, page]) => [origin, { ...page, records: null }]));
    const changed = fresh.length + removed.length;
    if (changed === 0) return true;
    const ms = Math.round(performance.now() - startedAt);
    const revision = this.sink.current()?.revision;
    const fields = { source: this.source, pages: pages.size, changed, revision, ms };
    this.options.log('info', 'Components are loaded.', fields);
    return true;
  }

  private async readAll(): Promise<SteadyRead> {
    await prepareChecks();
    const reader = new PageReader(this.options.gatewayId, this.stopping.signal);
    try {
      const { client } = this;
      return await readSteady(new SourceReader({ client, reader, paths: this.options.paths }), this.known);
    } finally {
      await reader.close();
    }
  }

  private succeed(): void {
    this.retry.reset();
    if (this.reported.size > 0) this.options.log('info', 'The source answers again.', { source: this.source });
    this.reported.clear();
  }

  private async fail(error: unknown): Promise<void> {
    if (error instanceof UnreadableKind) {
      const message = `The source of components cannot be read: ${error.message}; ${STAYS}.`;
      this.report(message, {});
      await this.sink.failLoad(error.kinds, message);
      return;
    }
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.report(`Loading components failed; ${STAYS}.`, { reason });
    await this.sink.failLoad(COMPONENT_KINDS, `Loading failed; ${STAYS}. See the log.`);
  }

  /** Once, and not at each retry, while it lasts. */
  private report(message: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.reported.has(message) || this.reported.size >= MOST_REPORTED) return;
    this.reported.add(message);
    this.options.log('error', message, { source: this.source, ...fields });
  }
}
