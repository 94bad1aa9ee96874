import type { Session, SessionOrigin } from '../../../contracts/session-origin.js';
import { traceparent, type TraceContext } from '../../edge/trace-context.js';
import { AskedServer } from './asked-server.js';
import { ExtensionBuffer } from './extension-buffer.js';
import { KnownOrigin } from './known-origin.js';
import { KnownOrigins } from './known-origins.js';
import type { SessionCallContext, SessionOutcome } from './session-client.js';
import type { SessionKit } from './session-kit.js';
import type { SessionRules } from './session-rules.js';

/** The request for which a session is wanted. An exchange is one: nothing is made of it unless a call is. */
export interface SessionCause {
  readonly requestId: string;
  readonly trace: TraceContext;
}

const MOST_ORIGINS = 100_000;
/** What nobody asked for so long is forgotten. */
const GENERATION_MS = 1_800_000;
/** Touches under way; requests beyond go on without a session. */
const MOST_TOUCHES = 1000;
/** A request waits so long for its session, not as long as for its answer. */
const TOUCH_MS = 2000;
/** Of an expire or stitch, which a flow waits for. */
const FLOW_MS = 10_000;
/** A session that ends in less by our clock comes from a server with another clock: it is not touched with every request. */
const LEAST_LIFE_MS = 1000;
/** How long before its end a session is touched anew. */
const AHEAD_MS = 5000;
const REFUSED_MS = 10_000;

/**
 * The sessions of one session server as this replica knows them (spec/identity.md, "Session"). An origin is touched once; until shortly
 * before its session ends further requests only enter the buffer of extensions, and make no garbage. A server that is away stops no
 * request: who has no session yet goes on without.
 */
export class Sessions {
  private readonly origins: KnownOrigins;
  private readonly buffer: ExtensionBuffer;
  private readonly server: AskedServer;
  private readonly isOn: boolean;
  private touching = 0;

  constructor(
    readonly rules: SessionRules,
    private readonly kit: SessionKit,
  ) {
    this.origins = new KnownOrigins(MOST_ORIGINS, GENERATION_MS, kit.clock.now());
    this.buffer = new ExtensionBuffer(rules, kit);
    this.server = new AskedServer(rules.channel, 'touch', kit.report, kit.counts);
    this.isOn = rules.urls.has('touch');
  }

  /** Extensions that wait. */
  get buffered(): number {
    return this.buffer.size;
  }

  /** Origins that are known. */
  get known(): number {
    return this.origins.size;
  }

  /**
   * The session of an origin; null where the server cannot tell. At once where it is known.
   * @param urlType fills `{type}` in URLs where a flow names one
   */
  touch(
    origin: SessionOrigin,
    cause: SessionCause,
    urlType: string = origin.type,
  ): Session | null | Promise<Session | null> {
    if (!this.isOn) return null;
    const nowMs = this.kit.clock.now();
    const known = this.origins.find(origin, nowMs);
    if (known === null) return this.touchFirst(origin, cause, urlType);
    if (known.session === null || nowMs >= known.endsAtMs) return this.begin(known, cause, nowMs);
    if (nowMs < known.staleAtMs) this.buffer.enter(known);
    // In the background: the session is good for a while yet.
    else void this.begin(known, cause, nowMs);
    return known.session;
  }

  /** The session of a guest becomes the user's; where that fails, the user gets one as anybody does. */
  async stitch(
    origin: SessionOrigin,
    old: SessionOrigin,
    cause: SessionCause,
    urlType = origin.type,
  ): Promise<Session | null> {
    const outcome = await this.kit.client.stitch(this.rules, origin, old, contextOf(cause, FLOW_MS, urlType));
    if (outcome.kind !== 'answered') {
      if (outcome.kind !== 'missing') this.kit.counts.failures++;
      return this.touch(origin, cause, urlType);
    }
    this.forget(old);
    this.forget(origin);
    const known = this.add(origin, urlType);
    this.keep(known, outcome.session!);
    return known.session;
  }

  /** Ends a session here, and at the server. */
  async expire(
    origin: SessionOrigin,
    sessionId: string,
    cause: SessionCause,
    urlType = origin.type,
  ): Promise<SessionOutcome> {
    this.forget(origin);
    const outcome = await this.kit.client.expire(this.rules, origin, sessionId, contextOf(cause, FLOW_MS, urlType));
    if (outcome.kind === 'failed') this.kit.counts.failures++;
    return outcome;
  }

  /** Sends the extensions that wait, within that time. The last thing: none are taken after it. */
  flush(withinMs: number): Promise<void> {
    return this.buffer.flush(withinMs);
  }

  private touchFirst(origin: SessionOrigin, cause: SessionCause, urlType: string): Promise<Session | null> | null {
    const nowMs = this.kit.clock.now();
    return this.mayTouch(nowMs) ? this.begin(this.add(origin, urlType), cause, nowMs) : null;
  }

  private begin(known: KnownOrigin, cause: SessionCause, nowMs: number): Promise<Session | null> | null {
    if (known.touching !== null) return known.touching;
    if (nowMs < known.refusedUntilMs || !this.mayTouch(nowMs)) return null;
    if (this.touching >= MOST_TOUCHES) {
      this.kit.counts.dropped++;
      return null;
    }
    return (known.touching = this.ask(known, cause));
  }

  /** A server that was away is asked by one request, and the others do not wait for it. */
  private mayTouch(nowMs: number): boolean {
    return this.server.mayAsk(nowMs) && !(this.server.isAway && this.touching > 0);
  }

  private async ask(known: KnownOrigin, cause: SessionCause): Promise<Session | null> {
    const { client, clock, counts } = this.kit;
    this.touching++;
    counts.touches++;
    try {
      const outcome = await client.touch(this.rules, known.origin, contextOf(cause, TOUCH_MS, known.urlType));
      const nowMs = clock.now();
      this.server.heard(outcome, nowMs);
      // Ended while it was touched: it must not come back.
      if (known.isOver) return null;
      if (outcome.kind === 'answered') this.keep(known, outcome.session!);
      else if (outcome.kind === 'refused') known.refusedUntilMs = nowMs + REFUSED_MS;
      return nowMs < known.endsAtMs ? known.session : null;
    } finally {
      known.touching = null;
      this.touching--;
    }
  }

  private keep(known: KnownOrigin, session: Session): void {
    const { clock } = this.kit;
    const lifeMs = Math.max(LEAST_LIFE_MS, session.expiresAtMs - clock.epochMs());
    known.session = session;
    known.endsAtMs = clock.now() + lifeMs;
    known.staleAtMs = known.endsAtMs - Math.min(AHEAD_MS, lifeMs / 5);
  }

  private add({ type, id }: SessionOrigin, urlType: string): KnownOrigin {
    const known = new KnownOrigin({ type, id }, urlType);
    this.origins.add(known, this.kit.clock.now());
    return known;
  }

  private forget(origin: SessionOrigin): void {
    const known = this.origins.find(origin, this.kit.clock.now());
    if (known === null) return;
    known.isOver = true;
    known.session = null;
  }
}

function contextOf({ requestId, trace }: SessionCause, timeoutMs: number, urlType: string): SessionCallContext {
  return { requestId, traceparent: traceparent(trace), timeoutMs, urlType };
}
