import { PostgresListener } from '../storage/postgres-listener.js';
import { CHANNEL, type Way, type WayEvents } from './way.js';

/** NOTIFY on a connection of its own. Knows no table: it needs no schema, and opens where nothing else of the database is used. */
export class PostgresWay implements Way {
  readonly kind = 'postgres';
  readonly name: string;
  private listener: PostgresListener | null = null;

  constructor(private readonly url: string) {
    const parsed = URL.parse(url);
    this.name = parsed === null ? 'Postgres' : `Postgres at ${parsed.host}${parsed.pathname}`;
  }

  open(events: WayEvents): void {
    this.listener = new PostgresListener({
      url: this.url,
      name: 'sluice broadcast',
      // Health tells it, with the reason.
      log: () => undefined,
      notified: (_channel, payload) => events.received(payload),
      missed: () => undefined,
      stands: (reason) => (reason === null ? events.up() : events.down(reason)),
    });
    void this.listener.listen(CHANNEL);
  }

  async send(text: string): Promise<void> {
    if (this.listener === null) throw new Error('not open');
    await this.listener.notify(CHANNEL, text);
  }

  async close(): Promise<void> {
    await this.listener?.close();
  }
}
