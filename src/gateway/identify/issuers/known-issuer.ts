import type { Clock } from '../../execute/discovery/clock.js';
import { refused } from '../tokens/checked-token.js';
import { ReadFailed, type ReadDocument } from './issuer-client.js';
import {
  IssuerAway,
  type Issuer,
  type IssuerCheck,
  type IssuerMetadata,
  type IssuerPlace,
  type TokenRules,
} from './issuer.js';
import { FRESH_MS, KeptAnswer } from './kept-answer.js';
import { publishedKeys, type PublishedKeys } from './published-keys.js';
import { readMetadata } from './read-metadata.js';
import { signedBy } from './signed-by.js';

export interface IssuerKit {
  /** A reader for each question. */
  readonly question: () => ReadDocument;
  readonly clock: Clock;
  /** Keys that tokens were checked by are no longer published. */
  readonly withdrawn: (place: IssuerPlace) => void;
  /** Told after each question: null, or why its keys cannot be had or used. */
  readonly state: (place: IssuerPlace, trouble: string | null) => void;
}

/** Without a request that asks: how soon an issuer that failed is asked again. */
const RETRY_MS = 10_000;
/** Requests that wait for keys at one time; each for two questions at most, the document and the keys: 10 s. */
const MOST_WAITING = 1000;

/** An issuer whose keys are read as soon as it is named, and every 10 minutes from then on. */
export class KnownIssuer implements Issuer {
  private readonly document: KeptAnswer<IssuerMetadata>;
  private readonly keys: KeptAnswer<PublishedKeys>;
  private stopTimer: () => void = () => undefined;
  private waiting = 0;
  private closed = false;

  constructor(
    readonly place: IssuerPlace,
    private readonly kit: IssuerKit,
  ) {
    this.document = new KeptAnswer(() => readMetadata(place.issuer, kit.question()), kit.clock);
    this.keys = new KeptAnswer(
      () => this.readKeys(),
      kit.clock,
      (before) => this.heard(before),
    );
    void this.keys.ask();
  }

  metadata(): IssuerMetadata | Promise<IssuerMetadata> {
    const { document } = this;
    const asked = document.value === null || document.isStale ? document.ask() : null;
    if (document.value !== null) return document.value;
    return asked === null ? this.told() : asked.then(() => this.told());
  }

  check(token: string, rules: TokenRules, nowMs: number): IssuerCheck | Promise<IssuerCheck> {
    const { value } = this.keys;
    const checked = value === null ? null : signedBy(value, token, this.place.issuer, { rules, nowMs });
    return checked ?? this.checkAfresh(token, rules, nowMs);
  }

  close(): void {
    this.closed = true;
    this.stopTimer();
  }

  private checkAfresh(token: string, rules: TokenRules, nowMs: number): IssuerCheck | Promise<IssuerCheck> {
    if (this.waiting >= MOST_WAITING) return this.unchecked('too many requests wait for its keys');
    const asked = this.closed ? null : this.keys.ask();
    if (asked === null) return this.lastWord(token, rules, nowMs);
    this.waiting++;
    return asked.then(() => {
      this.waiting--;
      return this.lastWord(token, rules, nowMs);
    });
  }

  /** Where the issuer has just told its keys, one that is not among them is none of its. */
  private lastWord(token: string, rules: TokenRules, nowMs: number): IssuerCheck {
    const { value, failure } = this.keys;
    const checked = value === null ? null : signedBy(value, token, this.place.issuer, { rules, nowMs });
    if (checked !== null) return checked;
    if (failure !== null || value === null) return this.unchecked(failure?.message ?? 'has not answered yet');
    return refused('key');
  }

  private unchecked(reason: string): IssuerCheck {
    const cause = `the issuer ${this.place.issuer}: ${reason}`;
    return { kind: 'unchecked', cause, retryAfterSeconds: this.keys.pauseSeconds };
  }

  /** @throws IssuerAway */
  private told(): IssuerMetadata {
    const { value, failure, pauseSeconds } = this.document;
    if (value !== null) return value;
    throw new IssuerAway(failure?.message ?? 'has not answered yet', pauseSeconds, { cause: failure });
  }

  private async readKeys(): Promise<PublishedKeys> {
    const jwksUri = this.place.jwksUri ?? (await this.discovered());
    return publishedKeys(await this.kit.question()(jwksUri));
  }

  private async discovered(): Promise<string> {
    const { jwksUri } = await this.metadata();
    if (jwksUri === null) throw new ReadFailed('publishes no jwks_uri; set jwksUri in the record', 200);
    return jwksUri;
  }

  private heard(before: PublishedKeys | null): void {
    const { value, failure } = this.keys;
    if (this.closed) return;
    if (failure === null && before !== null && before.isWithdrawnIn(value!)) this.kit.withdrawn(this.place);
    this.kit.state(this.place, failure?.message ?? unusable(value!));
    this.stopTimer();
    this.stopTimer = this.kit.clock.after(failure === null ? FRESH_MS : RETRY_MS, () => void this.keys.ask());
  }
}

function unusable({ size, skipped }: PublishedKeys): string | null {
  if (size > 0) return null;
  const [first] = skipped;
  return `publishes no key that can be used${first === undefined ? '' : ` (${skipped.length}; the first: ${first})`}`;
}
