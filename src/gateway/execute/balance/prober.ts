import { Client } from 'undici';
import type { Balancer } from './balancer.js';
import type { Instance } from './instance.js';

/** What a look at an instance found: a good answer, a bad one, none in time, or no connection. */
export type Found = 'good' | 'bad' | 'silent' | 'unreachable';

export interface ProbeParts {
  /** Path of the health check; null: any answer to a HEAD shows that somebody is there. */
  readonly healthPath: string | null;
  readonly intervalMs: number;
  /** Path of the look where there is no health check. */
  readonly basePath: string;
  /** Of each health check, flat: the system's own. */
  readonly headers: readonly string[];
  /** How connections are made. */
  readonly connect: NonNullable<Client.Options['connect']>;
  readonly now: () => number;
}

const TICK_MS = 250;
/** A tick that comes so late says that we were held up, and not the instances. */
const LATE_MS = 1000;
/** With calls under way and no word for so long, an instance is looked at. */
const SILENCE_MS = 1000;
const LOOK_TIMEOUT_MS = 1000;
const CHECK_TIMEOUT_MS = 5000;
/** Looks of one backend at the same time: a thousand instances do not open a thousand connections at once. */
const MOST_LOOKS = 32;

/**
 * Looks at the instances of one backend beside its calls: their health checks, those that are out, and those that take calls and say
 * nothing. A connection of its own for each look: the pool's may be what is stuck.
 */
export class Prober {
  private timer: NodeJS.Timeout | null = null;
  private tickedAtMs = 0;
  private readonly looks = new Set<AbortController>();

  constructor(
    private readonly balancer: Balancer,
    private readonly parts: ProbeParts,
  ) {}

  start(): void {
    if (this.timer !== null) return;
    this.tickedAtMs = this.parts.now();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    for (const look of this.looks) look.abort();
  }

  /** Somebody waited in vain: seen to at once, and others are preferred until then. */
  suspect(instance: Instance): void {
    if (this.timer === null || !instance.health.serves || instance.isSuspect) return;
    instance.isSuspect = true;
    this.look(instance);
  }

  private tick(): void {
    const now = this.parts.now();
    const isLate = now - this.tickedAtMs > LATE_MS;
    this.tickedAtMs = now;
    for (const instance of this.balancer.instances) {
      const { health } = instance;
      if (!health.serves) this.lookAgain(instance, now);
      else if (this.parts.healthPath !== null && now >= instance.checkAtMs) this.look(instance);
      else if (!isLate && instance.pending > 0 && now - instance.heardAtMs > SILENCE_MS) this.suspect(instance);
    }
  }

  private lookAgain(instance: Instance, now: number): void {
    const { health } = instance;
    const { healthPath } = this.parts;
    // Checked as often as if it served, and sooner.
    const isDue = health.isDue(now) || (healthPath !== null && now >= instance.checkAtMs);
    // Somebody who answers errors is there: without a health check only a call can tell whether they are over.
    if (isDue && (health.reason !== 'errors' || healthPath !== null)) this.look(instance);
  }

  private look(instance: Instance): void {
    if (instance.isProbed || this.looks.size >= MOST_LOOKS) return;
    instance.isProbed = true;
    const look = new AbortController();
    this.looks.add(look);
    void this.found(instance, look.signal).then((found) => {
      this.looks.delete(look);
      instance.isProbed = false;
      if (this.timer === null) return;
      const now = this.parts.now();
      // Not all at the same moment, however long they have run beside each other.
      instance.checkAtMs = now + this.parts.intervalMs * (0.9 + Math.random() * 0.2);
      if (found === 'good') instance.heardAtMs = now;
      this.balancer.probed(instance, found);
    });
  }

  private async found(instance: Instance, stopping: AbortSignal): Promise<Found> {
    const { healthPath, basePath, headers, connect, intervalMs } = this.parts;
    const timeoutMs = healthPath === null ? LOOK_TIMEOUT_MS : Math.min(CHECK_TIMEOUT_MS, intervalMs);
    const client = new Client(instance.origin, { connect, pipelining: 1, allowH2: false });
    let isConnected = false;
    client.on('connect', () => (isConnected = true));
    try {
      const { statusCode, body } = await client.request({
        method: healthPath === null ? 'HEAD' : 'GET',
        path: healthPath ?? (basePath || '/'),
        headers: healthPath === null ? [] : [...headers],
        signal: AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]),
      });
      // What it says does not matter, and how much it says is not ours to read.
      body.on('error', () => undefined).destroy();
      return healthPath === null || statusCode < 400 ? 'good' : 'bad';
    } catch (error) {
      if (!isConnected) return 'unreachable';
      return error instanceof DOMException && error.name === 'TimeoutError' ? 'silent' : 'bad';
    } finally {
      void client.destroy();
    }
  }
}
