import pg from 'pg';

export interface PostgresListenerOptions {
  readonly url: string;
  readonly log: (level: 'info' | 'warn', message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly notified: (channel: string, payload: string) => void;
  /** The connection is gone, or stands again: what is said meanwhile is lost. */
  readonly missed: () => void;
  /** How the server lists the connection. */
  readonly name?: string;
  /** Told null when it stands, and why it does not when it is lost or a try failed. */
  readonly stands?: (reason: string | null) => void;
}

const CONNECT_TIMEOUT_MS = 5000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;
/** A connection that is dead without a word is found out by asking. */
const BEAT_MS = 5000;

/** A connection of its own for LISTEN, which a pool would lose. Connects again by itself until it is closed. */
export class PostgresListener {
  private client: pg.Client | null = null;
  private connecting: Promise<void> | null = null;
  private readonly channels = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private beat: NodeJS.Timeout | null = null;
  private waitMs = FIRST_WAIT_MS;
  private isClosed = false;

  constructor(private readonly options: PostgresListenerOptions) {}

  /** Settles when it listens, or when the next try is due later. */
  async listen(channel: string): Promise<void> {
    const isNew = !this.channels.has(channel);
    this.channels.add(channel);
    if (this.client === null) await this.connect();
    else if (isNew) await this.hear(this.client, channel);
  }

  /** Over the same connection. @throws where there is none now, or it does not answer */
  async notify(channel: string, payload: string): Promise<void> {
    if (this.client === null) throw new Error('There is no connection to the database now.');
    await this.client.query('SELECT pg_notify($1, $2)', [channel, payload]);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.clearTimer();
    await this.connecting;
    const { client } = this;
    this.drop();
    if (client !== null) hangUp(client);
  }

  private connect(): Promise<void> {
    this.clearTimer();
    this.connecting ??= this.tryOnce().finally(() => (this.connecting = null));
    return this.connecting;
  }

  private async tryOnce(): Promise<void> {
    if (this.isClosed || this.client !== null) return;
    const client = new pg.Client({
      connectionString: this.options.url,
      application_name: this.options.name ?? 'sluice listener',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('notification', ({ channel, payload }) => this.options.notified(channel, payload ?? ''));
    client.on('error', (error) => this.lose(client, error));
    client.on('end', () => this.lose(client, new Error('the connection was closed')));
    try {
      await client.connect();
      for (const channel of this.channels) await this.hear(client, channel);
    } catch (error) {
      hangUp(client);
      this.options.stands?.((error as Error).message || String(error));
      this.tryLater();
      return;
    }
    this.client = client;
    const wasLost = this.waitMs > FIRST_WAIT_MS;
    this.waitMs = FIRST_WAIT_MS;
    this.beat = setInterval(() => void this.ask(client), BEAT_MS).unref();
    if (wasLost) this.options.log('info', 'Notifications of the database are heard again.', {});
    this.options.missed();
    this.options.stands?.(null);
  }

  private async hear(client: pg.Client, channel: string): Promise<void> {
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
  }

  private async ask(client: pg.Client): Promise<void> {
    try {
      await client.query('SELECT 1');
    } catch (error) {
      this.lose(client, error as Error);
    }
  }

  private lose(client: pg.Client, error: Error): void {
    if (this.client !== client) return;
    this.drop();
    hangUp(client);
    if (this.isClosed) return;
    this.options.log(
      'warn',
      'The connection that listens to the database is lost; changes wait for the next refresh until it is back.',
      {
        reason: error.message,
      },
    );
    this.options.missed();
    this.options.stands?.(error.message);
    this.tryLater();
  }

  private drop(): void {
    this.client = null;
    if (this.beat !== null) clearInterval(this.beat);
    this.beat = null;
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private tryLater(): void {
    this.clearTimer();
    if (this.isClosed) return;
    this.timer = setTimeout(() => void this.connect(), this.waitMs).unref();
    this.waitMs = Math.min(2 * this.waitMs, LONGEST_WAIT_MS);
  }
}

/** Also where the other side is silent: nothing waits for an answer that never comes. */
function hangUp(client: pg.Client): void {
  client.removeAllListeners('end');
  void client.end().catch(() => undefined);
  client.connection.stream.destroy();
}
