import { AskedServer } from './asked-server.js';
import type { KnownOrigin } from './known-origin.js';
import type { SessionCallContext, SessionOutcome } from './session-client.js';
import type { SessionKit } from './session-kit.js';
import type { SessionRules } from './session-rules.js';

const CALL_MS = 10_000;
/** Calls at a time to a server that takes no lists. */
const SINGLE_CALLS = 8;

/**
 * Extensions on their way to one session server: an origin stands in here once, however often it comes. Sent in batches when so many
 * wait, or the first has waited so long. While the server is away at most `bufferSize` wait; further ones are dropped and counted.
 */
export class ExtensionBuffer {
  private waiting: KnownOrigin[] = [];
  /** Of those taken out to be sent, how many are left. */
  private leaving = 0;
  private sending: Promise<void> | null = null;
  private disarm: (() => void) | null = null;
  private isClosed = false;
  /** Steady ms after which nothing is sent any more. */
  private endsAtMs = Infinity;
  private readonly server: AskedServer;
  private readonly isOn: boolean;
  private readonly takesLists: boolean;
  private readonly onTimer = (): void => {
    this.disarm = null;
    this.send();
  };

  constructor(
    private readonly rules: SessionRules,
    private readonly kit: SessionKit,
  ) {
    this.server = new AskedServer(rules.channel, 'extend', kit.report, kit.counts);
    this.takesLists = rules.urls.has('extendList');
    this.isOn = this.takesLists || rules.urls.has('extend');
  }

  get size(): number {
    return this.waiting.length + this.leaving;
  }

  enter(known: KnownOrigin): void {
    if (known.isBuffered || !this.isOn || this.isClosed) return;
    if (this.waiting.length >= this.rules.bufferSize) {
      this.kit.counts.dropped++;
      return;
    }
    known.isBuffered = true;
    this.waiting.push(known);
    this.next();
  }

  /** Sends what waits, once, within that time; what is left then is dropped. The last thing: nothing enters after it. */
  async flush(withinMs: number): Promise<void> {
    const { clock, counts } = this.kit;
    this.isClosed = true;
    this.endsAtMs = clock.now() + withinMs;
    this.disarm?.();
    this.disarm = null;
    let stopWaiting = (): void => undefined;
    const late = new Promise<void>((resolve) => (stopWaiting = clock.after(withinMs, resolve)));
    await Promise.race([this.sendLast(), late]);
    stopWaiting();
    counts.dropped += this.waiting.length;
    this.waiting = [];
  }

  private async sendLast(): Promise<void> {
    await this.sending;
    this.send();
    await this.sending;
  }

  /** Sends at once where enough wait, else when the first has waited so long, or the server may be asked again. */
  private next(): void {
    if (this.sending !== null || this.isClosed || this.waiting.length === 0) return;
    const { bufferSize, bufferMs } = this.rules;
    if (this.waiting.length >= bufferSize && !this.server.isAway) {
      this.disarm?.();
      this.disarm = null;
      this.send();
    } else if (this.disarm === null) {
      const { clock } = this.kit;
      this.disarm = clock.after(Math.max(bufferMs, this.server.msLeft(clock.now())), this.onTimer);
    }
  }

  private send(): void {
    if (this.sending !== null || this.waiting.length === 0) return;
    const taken = this.waiting;
    this.waiting = [];
    this.sending = this.sendAll(taken).finally(() => {
      this.sending = null;
      this.next();
    });
  }

  private async sendAll(taken: readonly KnownOrigin[]): Promise<void> {
    const { clock, counts } = this.kit;
    const batches = this.batchesOf(taken);
    this.leaving = taken.length;
    for (const [index, batch] of batches.entries()) {
      const msLeft = this.endsAtMs - clock.now();
      const rest = batches.slice(index + 1).flat();
      if (msLeft <= 0) return this.putBack(batch.concat(rest));
      // A request that comes from now on asks for an extension that this call may not be.
      for (const known of batch) known.isBuffered = false;
      const outcome = await this.sendBatch(batch, Math.min(CALL_MS, msLeft));
      this.server.heard(outcome, clock.now());
      this.leaving -= batch.length;
      if (outcome.kind === 'failed' || outcome.kind === 'missing')
        return this.putBack(batch.filter(({ isBuffered }) => !isBuffered).concat(rest));
      if (outcome.kind === 'answered') counts.extensions += batch.length;
      else counts.dropped += batch.length;
    }
    this.leaving = 0;
  }

  private sendBatch(batch: readonly KnownOrigin[], timeoutMs: number): Promise<SessionOutcome> {
    const { client } = this.kit;
    const context: SessionCallContext = { ...this.kit.newIds(), timeoutMs, urlType: batch[0]!.urlType };
    if (this.takesLists) {
      const origins = batch.map(({ origin }) => origin);
      return client.extendList(this.rules, origins, context);
    }
    const calls = batch.map(({ origin, urlType }) => client.extend(this.rules, origin, { ...context, urlType }));
    return Promise.all(calls).then(worst);
  }

  /** Of one type each where the URL names it. Whose session is over is left out. */
  private batchesOf(taken: readonly KnownOrigin[]): readonly KnownOrigin[][] {
    const byType = this.rules.urls.get('extendList')?.has('type') === true;
    const most = this.takesLists ? this.rules.batchSize : Math.min(SINGLE_CALLS, this.rules.batchSize);
    const open = new Map<string, KnownOrigin[]>();
    const batches: KnownOrigin[][] = [];
    for (const known of taken) {
      if (known.isOver) continue;
      const type = byType ? known.urlType : '';
      let batch = open.get(type);
      if (batch === undefined || batch.length >= most) {
        batch = [];
        open.set(type, batch);
        batches.push(batch);
      }
      batch.push(known);
    }
    return batches;
  }

  /** Behind those that came meanwhile, as far as there is room. */
  private putBack(unsent: readonly KnownOrigin[]): void {
    this.leaving = 0;
    for (const known of unsent) {
      known.isBuffered = !this.isClosed && this.waiting.length < this.rules.bufferSize;
      if (known.isBuffered) this.waiting.push(known);
      else this.kit.counts.dropped++;
    }
  }
}

/** A failure among calls made together stands for all: to extend once more does no harm. */
function worst(outcomes: readonly SessionOutcome[]): SessionOutcome {
  const rank = { failed: 0, missing: 0, answered: 1, refused: 2 };
  return [...outcomes].sort((a, b) => rank[a.kind] - rank[b.kind])[0]!;
}
