import type { CheckedToken } from '../tokens/checked-token.js';

/** Where an issuer is found. Equal places share one issuer: its document, its keys, and how often it is asked. */
export interface IssuerPlace {
  /** Of both: equal for equal places. */
  readonly key: string;
  /** As tokens and the issuer's own document must say it, to the letter. */
  readonly issuer: string;
  /** Null: the issuer's document says it. */
  readonly jwksUri: string | null;
}

/** What an issuer publishes of itself (OpenID Connect Discovery 1.0, 3; RFC 8414, 2). */
export interface IssuerMetadata {
  readonly issuer: string;
  /** Null: it publishes no keys. */
  readonly jwksUri: string | null;
  /** The whole document; what stands in it was checked no further. Shared: nobody writes to it. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** What a token must be, past its signature, issuer and times. */
export interface TokenRules {
  /** Access and id tokens of one issuer, and its other JWTs, must not be taken for each other (RFC 8725, 3.11 and 3.12). */
  readonly use: 'access' | 'id';
  /** `aud` must name one of them. Never empty. */
  readonly audiences: ReadonlySet<string>;
  /** Whether `azp` counts as the audience of a token that has no `aud` at all. */
  readonly takesAzp: boolean;
  /** Who `azp` must name where the token has it (OpenID Connect Core 1.0, 3.1.3.7); null: whoever. */
  readonly authorizedParty: string | null;
}

/** Nobody can say whether the token is good: its issuer's keys cannot be had. Not the token's fault, so never 401. */
export interface UncheckedToken {
  readonly kind: 'unchecked';
  /** For log and health: holds nothing of the token. */
  readonly cause: string;
  /** After which the issuer is asked again. */
  readonly retryAfterSeconds: number;
}
export type IssuerCheck = CheckedToken | UncheckedToken;

/** An issuer of tokens that is not us. Its document and keys are read once for all who ask, and kept while it is away. */
export interface Issuer {
  readonly place: IssuerPlace;
  /** At once where it is known. @throws IssuerAway */
  metadata(): IssuerMetadata | Promise<IssuerMetadata>;
  /**
   * Checks a compact JWT of this issuer: signature by one of its published keys, `iss`, `aud`, `exp`, `nbf`, type. At once where the key
   * is known; a key that is not known asks the issuer again, at most every 5 s. Never throws, never rejects.
   */
  check(token: string, rules: TokenRules, nowMs: number): IssuerCheck | Promise<IssuerCheck>;
}

/** All issuers of a process. */
export interface IssuerDirectory {
  of(place: IssuerPlace): Issuer;
}

/** The issuer cannot be asked, or answers what cannot be used. The message goes on after who was asked, and may be shown. */
export class IssuerAway extends Error {
  constructor(
    message: string,
    /** After which it is asked again. */
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'IssuerAway';
  }
}

export function issuerPlace(issuer: string, jwksUri: string | null): IssuerPlace {
  return Object.freeze({ key: JSON.stringify([issuer, jwksUri]), issuer, jwksUri });
}
