import type { Clock } from '../../execute/discovery/clock.js';
import { IssuerAway, type Issuer, type IssuerDirectory, type IssuerPlace } from './issuer.js';
import type { ReadDocument } from './issuer-client.js';
import type { IssuerCounts } from './issuer-counts.js';
import type { IssuerReport } from './issuer-report.js';
import { KnownIssuer } from './known-issuer.js';

/** A token record that names an issuer, and where. */
export interface IssuerUse {
  readonly place: IssuerPlace;
  /** Id of the record. */
  readonly token: string;
  /** JSON pointer: `/external/issuer`. */
  readonly pointer: string;
}

export interface IssuersParts {
  readonly client: { question(): ReadDocument; close(): Promise<void> };
  readonly clock: Clock;
  readonly report: IssuerReport;
  readonly counts: IssuerCounts;
}

/** Each is asked every 10 minutes, and has up to 100 keys. */
const MOST_ISSUERS = 256;

/** All issuers of a process: those that records in force name, each once. */
export class Issuers implements IssuerDirectory {
  private readonly byKey = new Map<string, KnownIssuer>();
  private readonly listeners: ((place: IssuerPlace) => void)[] = [];
  private closed = false;

  constructor(private readonly parts: IssuersParts) {}

  /** Issuers that are known. */
  get size(): number {
    return this.byKey.size;
  }

  of(place: IssuerPlace): Issuer {
    const known = this.byKey.get(place.key);
    if (known !== undefined) return known;
    if (this.closed || this.byKey.size >= MOST_ISSUERS) return outOfBounds(place);
    const made = this.made(place);
    this.byKey.set(place.key, made);
    return made;
  }

  /** What is named is begun; what is not is let go of. */
  retain(uses: readonly IssuerUse[]): void {
    const named = new Set(uses.map(({ place }) => place.key));
    for (const [key, issuer] of this.byKey) {
      if (named.has(key)) continue;
      issuer.close();
      this.byKey.delete(key);
      // While nobody asks it, it may withdraw keys, and a record may come back as it was.
      this.forget(issuer.place);
    }
    for (const { place } of uses) this.of(place);
    this.parts.report.named(uses);
  }

  /** Told of an issuer that has withdrawn a key, or is let go of: what was found good by its keys may be so no longer. */
  onWithdrawn(listener: (place: IssuerPlace) => void): void {
    this.listeners.push(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const issuer of this.byKey.values()) issuer.close();
    this.byKey.clear();
    await this.parts.client.close();
  }

  private forget(place: IssuerPlace): void {
    for (const listener of this.listeners) listener(place);
  }

  private made(place: IssuerPlace): KnownIssuer {
    const { client, clock, report, counts } = this.parts;
    return new KnownIssuer(place, {
      question: () => client.question(),
      clock,
      withdrawn: (where) => this.forget(where),
      state: (where, trouble) => {
        counts.heard(trouble);
        report.state(where, trouble);
      },
    });
  }
}

/** Closed: its tokens cannot be checked. */
function outOfBounds(place: IssuerPlace): Issuer {
  const cause = `the issuer ${place.issuer}: records name more than ${MOST_ISSUERS} issuers`;
  return {
    place,
    metadata: () => Promise.reject(new IssuerAway(cause, 60)),
    check: () => ({ kind: 'unchecked', cause, retryAfterSeconds: 60 }),
  };
}
