import type { ProviderAnswer } from '../provider/provider-answer.js';
import type { Cancellation } from '../../../contracts/executor.js';
import type { Caller } from '../caller.js';
import { NOBODY } from '../provider/bounded-call.js';
import type { ProviderCalls, ProviderOutcome } from '../provider/provider-client.js';
import type { CallIds } from '../provider/server-call.js';
import type { TokenKind } from '../token-kind.js';
import { CLOCK_LEEWAY_MS } from '../tokens/claim-rules.js';
import { tokenDigest, VerifiedTokens } from '../tokens/verified-tokens.js';
import { keyCaller } from './key-caller.js';
import { KeyProvider, type KeyCall } from './key-provider.js';
import { clientGone, failedFor, type KeyOutcome } from './key-outcome.js';
import { waitFor } from './key-wait.js';

export type { KeyOutcome } from './key-outcome.js';

/** The request that came with a key. */
export interface KeyRequest extends CallIds {
  /** requestMeta.origin as JSON text. */
  readonly origin: string;
  /** Epoch ms until which this request waits; Infinity: only the provider's own limit holds. */
  readonly deadline: number;
}

export interface ApiKeysParts {
  readonly providers: ProviderCalls;
  /** Epoch ms. */
  readonly now: () => number;
  /** Good and bad ones that are remembered. */
  readonly mostKeys?: number;
}

/** What the provider said of a key. */
interface KnownKey {
  /** Null: bad. */
  readonly caller: Caller | null;
  /** Before it the clock has jumped back, and nothing is known. */
  readonly sinceMs: number;
  readonly expiresAtMs: number;
}

/** spec/identity.md, `apiKeyName`. */
const GOOD_MS = 60_000;
const BAD_MS = 10_000;
const MOST_KEYS = 50_000;
/** Calls under way for the keys of one kind: whoever makes keys up must not flood the provider. */
const MOST_CALLS = 200;

/**
 * Callers by API key, resolved at the provider (`resolveKey`) and remembered by digest for a bounded time, bad ones too: until then a
 * key that is deleted there counts on here. What is known of a key goes with the record that it was resolved by.
 * Closed by default: a provider that is away, or names nobody, lets nobody in.
 */
export class ApiKeys {
  private readonly keys: VerifiedTokens<KnownKey>;
  /** By kind: a kind that is no longer in force goes with its entry. */
  private readonly homes = new WeakMap<TokenKind, KeyProvider>();

  constructor(private readonly parts: ApiKeysParts) {
    this.keys = new VerifiedTokens(parts.mostKeys ?? MOST_KEYS, parts.now);
  }

  /** Keys that are remembered, good and bad. */
  get size(): number {
    return this.keys.size;
  }

  /** At once where the key is known, null where the provider must be asked. */
  known(kind: TokenKind, key: string): Caller | 'bad' | null {
    const found = this.keys.get(kind.key, named(kind, key));
    if (found === null || found.sinceMs > this.parts.now()) return null;
    return found.caller ?? 'bad';
  }

  /**
   * Asks the provider, for whom `known` says nothing. Calls for one key at one time are one, which goes on when a client that waits for
   * it has gone; a failure is not remembered. Rejects only for a fault of ours.
   */
  resolve(kind: TokenKind, key: string, request: KeyRequest, cancellation: Cancellation): Promise<KeyOutcome> {
    const home = this.homeOf(kind);
    if (home.fault !== null) return Promise.resolve({ kind: 'bad', cause: home.fault });
    if (cancellation.cancelled) return Promise.resolve(clientGone());
    const digest = tokenDigest(named(kind, key));
    const underWay = home.find(digest);
    if (underWay === null && home.underWay >= MOST_CALLS) return Promise.resolve(busy());
    const call = underWay ?? this.begin(kind, key, digest, request);
    return waitFor(call.outcome, { timeoutMs: request.deadline - this.parts.now(), cancellation });
  }

  private homeOf(kind: TokenKind): KeyProvider {
    const known = this.homes.get(kind);
    if (known !== undefined) return known;
    const home = new KeyProvider(kind);
    this.homes.set(kind, home);
    return home;
  }

  private begin(kind: TokenKind, key: string, digest: string, request: KeyRequest): KeyCall {
    const home = this.homeOf(kind);
    const call: KeyCall = { digest, outcome: this.ask(kind, key, request).finally(() => home.end(call)) };
    home.begin(call);
    return call;
  }

  private async ask(kind: TokenKind, key: string, request: KeyRequest): Promise<KeyOutcome> {
    const { type } = this.homeOf(kind);
    const outcome = await this.parts.providers.call(
      kind.provider!,
      {
        requestId: request.requestId,
        traceparent: request.traceparent,
        action: 'resolveKey',
        type,
        auth: new Map([['api_key', key]]),
        bodyText: '',
        origin: request.origin,
        // Others may wait for the same answer, and longer.
        deadline: Infinity,
      },
      NOBODY,
    );
    return this.heard(kind, key, outcome);
  }

  private heard(kind: TokenKind, key: string, outcome: ProviderOutcome): KeyOutcome {
    switch (outcome.kind) {
      case 'answered': {
        const goodMs = goodFor(outcome.answer);
        const caller = keyCaller(kind, outcome.answer, this.parts.now() + goodMs);
        this.remember(kind, key, caller, goodMs);
        return caller === null ? NOBODY_NAMED : { kind: 'caller', caller };
      }
      case 'refused':
        this.remember(kind, key, null);
        return { kind: 'bad', cause: refusedCause(outcome.code, outcome.message) };
      case 'failed':
        return outcome;
      case 'missing':
        // The URL is there: the channel is not in force, for now.
        return failedFor('BACKEND_UNAVAILABLE', { cause: `the provider's channel ${kind.provider!.channel} is out` });
      case 'passed':
        return failedFor('BACKEND_FAILED', { cause: `the provider answered with status ${outcome.status}` });
    }
  }

  private remember(kind: TokenKind, key: string, caller: Caller | null, goodMs = GOOD_MS): void {
    const sinceMs = this.parts.now();
    const untilMs = sinceMs + (caller === null ? BAD_MS : goodMs);
    // The table grants every entry the leeway of a token; an answer has none.
    this.keys.put(kind.key, named(kind, key), { caller, sinceMs, expiresAtMs: untilMs - CLOCK_LEEWAY_MS });
  }
}

/** A provider may say that the key itself ends before that. */
function goodFor({ payload }: ProviderAnswer): number {
  const { expires_in: seconds } = payload;
  return typeof seconds === 'number' && seconds >= 0 ? Math.min(GOOD_MS, seconds * 1000) : GOOD_MS;
}

const NOBODY_NAMED: KeyOutcome = Object.freeze({ kind: 'bad', cause: 'the provider names no user of this API key' });

function busy(): KeyOutcome {
  return failedFor('SYSTEM_BUSY', { cause: 'too many API keys are being resolved', retryAfterSeconds: 1 });
}

function refusedCause(code: number, message: string | null): string {
  return `the provider refuses the API key: ${code}${message === null ? '' : ` ${message}`}`;
}

/** What tables know the key by, once it is digested: one key may be known of several kinds. */
function named(kind: TokenKind, key: string): string {
  return kind.key + key;
}
