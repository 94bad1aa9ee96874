import type { InstanceListener, InstanceSource } from '../balance/instance-source.js';
import { type Clock, SYSTEM_CLOCK } from './clock.js';
import { ConsulClient, type ConsulClientOptions } from './consul-client.js';
import { readConsulEntries } from './consul-entries.js';
import { ConsulIndex } from './consul-index.js';
import { type Listing, type LookRequest, signatureOf } from './look.js';
import { LOOK_RULES, type LookRules, type LookTools, RepeatedLook } from './repeated-look.js';

export interface ConsulInstancesOptions extends ConsulClientOptions {
  readonly service: string;
  /** How long Consul may wait for a change before it answers. */
  readonly waitSeconds?: number;
  /** Least time from look to look after an answer that changed nothing. */
  readonly unchangedMs?: number;
  /** The same after a change: others may follow, but the whole list is asked for each time. */
  readonly changedMs?: number;
}

export interface ConsulTools extends LookTools {
  readonly rules?: Partial<LookRules>;
}

/** The longer, the later a Consul is found out that has fallen silent; the shorter, the more it is asked. */
const WAIT_SECONDS = 20;
/** Consul adds up to a sixteenth to the wait, and the list has to come, too. */
const BEYOND_WAIT_MS = 10_000;

/** The instances of a service whose checks pass, by blocking queries: a change is here as soon as Consul knows it. */
export class ConsulInstances implements InstanceSource {
  private readonly client: ConsulClient;
  private readonly index = new ConsulIndex();
  private readonly looks: RepeatedLook;
  private readonly clock: Clock;
  private readonly waitSeconds: number;
  private signature: string | null = null;

  constructor(
    private readonly options: ConsulInstancesOptions,
    tools: ConsulTools = {},
  ) {
    this.client = new ConsulClient(options);
    this.clock = tools.clock ?? SYSTEM_CLOCK;
    this.waitSeconds = options.waitSeconds ?? WAIT_SECONDS;
    const rules: LookRules = {
      ...LOOK_RULES,
      timeoutMs: Math.ceil((this.waitSeconds * 1000 * 17) / 16) + BEYOND_WAIT_MS,
      freshTimeoutMs: BEYOND_WAIT_MS,
      firstRetryMs: 1000,
      longestRetryMs: 30_000,
      ...tools.rules,
    };
    this.looks = new RepeatedLook(`Consul at ${options.address}`, (request) => this.look(request), rules, tools);
  }

  watch(listener: InstanceListener): void {
    this.looks.watch(listener);
  }

  close(): void {
    this.looks.close();
    this.client.close();
  }

  private async look({ signal, isFresh }: LookRequest): Promise<Listing> {
    const startedAt = this.clock.now();
    if (isFresh) this.index.reset();
    const { text, index } = await this.client.get(this.path(), signal);
    const addresses = readConsulEntries(text);
    signal.throwIfAborted();
    this.index.take(index);
    const signature = signatureOf(addresses);
    const hasChanged = signature !== this.signature;
    this.signature = signature;
    const { unchangedMs = 1000, changedMs = 100 } = this.options;
    const tookMs = this.clock.now() - startedAt;
    return { addresses, dueMs: Math.max(0, (hasChanged ? changedMs : unchangedMs) - tookMs) };
  }

  private path(): string {
    const service = encodeURIComponent(this.options.service);
    return `/v1/health/service/${service}?passing=1&index=${this.index.text}&wait=${this.waitSeconds}s`;
  }
}
