import { createClient } from 'redis';
import { CHANNEL, type Way, type WayEvents } from './way.js';

const CONNECT_TIMEOUT_MS = 5000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;
/** A connection that is dead without a word is found out by asking: with no answer for so long it is given up. */
const PING_MS = 5000;
const SILENT_MS = 15_000;

type Client = ReturnType<typeof clientFor>;

function clientFor(url: string, name: string) {
  return createClient({
    url,
    name,
    // What cannot go now is kept by us, within our bounds.
    disableOfflineQueue: true,
    pingInterval: PING_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENT_MS,
      reconnectStrategy: (tries) => Math.min(FIRST_WAIT_MS * 2 ** Math.min(tries, 10), LONGEST_WAIT_MS),
    },
  });
}

/** Pub/sub of Redis or Valkey: one connection that listens, and one that speaks. It stands while both do. */
export class RedisWay implements Way {
  readonly kind = 'redis';
  readonly name: string;
  private readonly speaker: Client;
  private readonly hearer: Client;
  private isListening = false;
  private isClosed = false;

  constructor(url: string) {
    const parsed = URL.parse(url);
    this.name = parsed === null ? 'Redis' : `Redis at ${parsed.host}`;
    this.speaker = clientFor(url, 'sluice-broadcast');
    this.hearer = clientFor(url, 'sluice-broadcast-listener');
  }

  open(events: WayEvents): void {
    const told = (): void => {
      if (this.speaker.isReady && this.isListening) events.up();
    };
    for (const client of [this.speaker, this.hearer]) {
      client.on('error', (error: Error) => {
        if (client === this.hearer) this.isListening = false;
        if (!this.isClosed) events.down(reasonOf(error));
      });
    }
    this.speaker.on('ready', told);
    // The client subscribes again by itself, but does not say when: asked here, it is known.
    this.hearer.on('ready', () => {
      const heard = (text: string): void => events.received(text);
      void this.hearer.subscribe(CHANNEL, heard).then(
        () => {
          this.isListening = true;
          told();
        },
        () => undefined,
      );
    });
    for (const client of [this.speaker, this.hearer]) void client.connect().catch(() => undefined);
  }

  async send(text: string): Promise<void> {
    await this.speaker.publish(CHANNEL, text);
  }

  close(): Promise<void> {
    this.isClosed = true;
    for (const client of [this.speaker, this.hearer]) if (client.isOpen) client.destroy();
    return Promise.resolve();
  }
}

/** Where every address of a host refused, the reason stands in the parts. */
function reasonOf(error: Error): string {
  const first = error instanceof AggregateError ? (error.errors[0] as Error | undefined) : undefined;
  return first?.message ?? (error.message === '' ? error.name : error.message);
}
