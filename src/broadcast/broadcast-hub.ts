import { randomUUID } from 'node:crypto';
import type { Broadcast, Gap } from '../contracts/broadcast.js';
import type { JsonObject } from '../contracts/json.js';
import { readEnvelope, writeEnvelope } from './envelope.js';
import { Link } from './link.js';
import { Recent } from './recent.js';
import type { Way } from './way.js';

export type DropReason = 'full' | 'expired' | 'garbage';

export interface BroadcastHubOptions {
  readonly gatewayId: string;
  /** Asked once, when somebody publishes or listens for the first time. */
  readonly ways: () => Promise<readonly Way[]>;
  readonly log: (level: 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** A message may come over two ways, and again after a try that seemed to fail. */
const REMEMBERED = 4096;

/** Brings messages to the subscribers of this process, and over its ways to those of others. Nothing is opened before it is needed. */
export class BroadcastHub implements Broadcast {
  received = 0;
  readonly dropped: Record<DropReason, number> = { full: 0, expired: 0, garbage: 0 };
  readonly links: Link[] = [];
  private readonly topics = new Map<string, Set<(message: JsonObject) => void>>();
  private readonly gapListeners = new Set<(gap: Gap) => void>();
  private readonly problems = new Map<string, string>();
  private problemListener: ((problems: readonly string[]) => void) | null = null;
  private readonly sender = randomUUID();
  private sequence = 0;
  private readonly recent = new Recent(REMEMBERED);
  private opening: Promise<void> | null = null;
  private isClosed = false;

  constructor(private readonly options: BroadcastHubOptions) {}

  async publish(topic: string, message: JsonObject): Promise<void> {
    const { sender } = this;
    const { gatewayId: gateway } = this.options;
    const text = writeEnvelope({ gateway, topic, message, sender, sequence: ++this.sequence });
    this.tell(topic, message);
    await this.open();
    await Promise.all(this.links.map((link) => link.send(text)));
  }

  subscribe(topic: string, listener: (message: JsonObject) => void): () => void {
    const listeners = this.topics.get(topic) ?? new Set();
    this.topics.set(topic, listeners.add(listener));
    void this.open();
    return () => {
      listeners.delete(listener);
    };
  }

  onGap(listener: (gap: Gap) => void): () => void {
    this.gapListeners.add(listener);
    return () => {
      this.gapListeners.delete(listener);
    };
  }

  /** One listener: told all that keeps messages from getting through, whenever that changes. */
  onProblems(listener: (problems: readonly string[]) => void): void {
    this.problemListener = listener;
    listener([...this.problems.values()]);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.topics.clear();
    this.gapListeners.clear();
    await this.opening;
    await Promise.all(this.links.map((link) => link.close()));
  }

  private open(): Promise<void> {
    this.opening ??= this.openWays();
    return this.opening;
  }

  private async openWays(): Promise<void> {
    try {
      const ways = await this.options.ways();
      if (this.isClosed) return;
      for (const way of ways) {
        const link = new Link(way, {
          received: (text) => this.receive(text),
          opened: (isAfterLoss) => this.each(this.gapListeners, { isAfterLoss }),
          dropped: (reason, count) => (this.dropped[reason] += count),
          problem: (reason) => this.note(way.name, reason),
        });
        this.links.push(link);
        link.open();
      }
    } catch (error) {
      this.options.log('error', 'Broadcasts stay within this process.', { reason: reasonOf(error) });
    }
  }

  private receive(text: string): void {
    const envelope = readEnvelope(text);
    if (envelope === null) {
      this.dropped.garbage++;
      return;
    }
    const { gateway, topic, message, sender, sequence } = envelope;
    if (gateway !== this.options.gatewayId || sender === this.sender) return;
    if (!this.recent.add(`${sender} ${sequence}`)) return;
    this.received++;
    this.tell(topic, message);
  }

  private tell(topic: string, message: JsonObject): void {
    this.each(this.topics.get(topic) ?? [], message);
  }

  /** One that fails keeps no other from being told. */
  private each<T>(listeners: Iterable<(value: T) => void>, value: T): void {
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        this.options.log('error', 'A listener to broadcasts failed.', { reason: reasonOf(error) });
      }
    }
  }

  private note(name: string, reason: string | null): void {
    const text =
      reason === null
        ? null
        : `What other processes of this gateway are told over ${name} does not get through (${reason}).`;
    if (text === (this.problems.get(name) ?? null)) return;
    if (text === null) this.problems.delete(name);
    else this.problems.set(name, text);
    this.problemListener?.([...this.problems.values()]);
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
