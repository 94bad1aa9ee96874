import type { JsonObject } from './json.js';

/** A user of the built-in identity server. Nothing secret is in it. */
export interface IdentityUser {
  /** A random UUID, or what an import gave it. */
  readonly id: string;
  /** Users of different types have nothing in common: `user`, `admin`, … */
  readonly type: string;
  /** As it was given. Compared by NFKC and case-folded, one of a kind in its type. */
  readonly username: string;
  readonly profile: JsonObject;
  /** Of administrators: `{gateway}:{role}`, gateway `*` = all. */
  readonly roles: readonly string[];
  readonly disabled: boolean;
  /** Whether a login asks for a one-time code. */
  readonly hasOtp: boolean;
  /** Grows by one with each change. */
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface NewUser {
  readonly type: string;
  readonly username: string;
  /** Null: nobody can log in with a password. */
  readonly password: string | null;
  readonly profile?: JsonObject;
  readonly roles?: readonly string[];
  readonly disabled?: boolean;
}

/** What is not there stays as it is. A new password, and `disabled`, end the user's logins. */
export interface UserChange {
  readonly username?: string;
  readonly password?: string;
  readonly profile?: JsonObject;
  readonly roles?: readonly string[];
  readonly disabled?: boolean;
}

/** By what a list is sorted, the least first unless it is turned round. */
export interface SortedBy<Field extends string> {
  readonly by: Field;
  readonly descending?: boolean;
}

export interface UserQuery {
  readonly type?: string;
  /** Part of a username. */
  readonly search?: string;
  readonly disabled?: boolean;
  /** By username where nothing is said. */
  readonly sort?: SortedBy<'username' | 'createdAt' | 'updatedAt'>;
  readonly skip: number;
  /** 1 to 1000. */
  readonly limit: number;
}

/** An API key, without the key itself. */
export interface IdentityKey {
  readonly id: string;
  readonly type: string;
  /** Id of its user. */
  readonly user: string;
  readonly name: string | null;
  /** The key has those of them that its user has, too. */
  readonly roles: readonly string[];
  /** ISO 8601; null: never. */
  readonly expires: string | null;
  readonly createdAt: string;
}

export interface NewKey {
  readonly user: string;
  readonly name?: string | null;
  /** Without them those of the user. */
  readonly roles?: readonly string[] | null;
  readonly expires?: string | null;
}

export interface KeyQuery {
  readonly type?: string;
  readonly user?: string;
  /** The newest first where nothing is said. */
  readonly sort?: SortedBy<'createdAt' | 'expires'>;
  readonly skip: number;
  readonly limit: number;
}

/** A role that somebody must have, whatever is changed: of the users of a type that may log in. */
export interface KeptRole {
  readonly type: string;
  readonly role: string;
}

export interface Page<T> {
  readonly list: readonly T[];
  readonly total: number;
}

/** Everything by which somebody may log in; each bounded by who reads it. */
export interface LoginCredentials {
  readonly username: string | null;
  readonly password: string | null;
  /** Of a second step. */
  readonly transactionId: string | null;
  readonly otp: string | null;
}

export interface LoggedIn {
  readonly kind: 'loggedIn';
  readonly user: IdentityUser;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  readonly refreshExpiresInSeconds: number;
}

/** The password is right, and a one-time code is asked for. */
export interface LoginStep {
  readonly kind: 'step';
  readonly stage: 'otp';
  readonly transactionId: string;
}

/** Claims of an access token, its signature, issuer and end checked. */
export interface AccessClaims {
  /** Id of the user. */
  readonly sub: string;
  readonly type: string;
  /** Id of the login. */
  readonly sid: string;
}

export interface WrongMember {
  readonly name: string;
  /** What it is, or must be, after its name. */
  readonly problem: string;
}

/**
 * A call that the identity server refuses, or cannot answer. The message may be told to whoever called, and holds nothing of what
 * was sent.
 */
export class IdentityFault extends Error {
  override readonly name = 'IdentityFault';
  readonly retryAfterSeconds: number | null;
  /** The member of the input that is wrong, where it is one. */
  readonly member: WrongMember | null;

  constructor(
    /** Of spec/runner-contract.md: 10123 to 10125, 10028, 10009, 10011, 11006, or a status. */
    readonly code: number,
    readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 412 | 429 | 501 | 503,
    message: string,
    options: ErrorOptions & { readonly retryAfterSeconds?: number; readonly member?: WrongMember } = {},
  ) {
    super(message, options);
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
    this.member = options.member ?? null;
  }
}

/**
 * The built-in identity server, for who stands beside its runner: the admin API, the command line. The rules are its own defaults
 * (spec/identity.md), not those of a system record. Every method throws IdentityFault; 503 where the database cannot be had.
 */
export interface Identities {
  /** Counts attempts, and answers a failed login late where there were several. @param address of the client; null: unknown */
  login(type: string, credentials: LoginCredentials, address: string | null): Promise<LoggedIn | LoginStep>;
  /** Rotates: the refresh token counts once. */
  refresh(type: string, refreshToken: string): Promise<LoggedIn>;
  /** Ends a login, by its id. */
  logout(loginId: string): Promise<void>;
  /** The key that signed access tokens with this `kid` (HS512); null: there is none. */
  verificationKey(type: string, kid: string | undefined): Buffer | null;
  /** Whose access token it is, if the login still holds and the user may log in. 401 10125 otherwise. */
  userOf(claims: AccessClaims): Promise<IdentityUser>;
  /**
   * The key with all the roles that were given to it, whether its user has them or not: whoever asks counts what both have. 401 10125
   * where there is no such key, it has expired, or its user may not log in.
   */
  userOfKey(type: string, key: string): Promise<{ readonly user: IdentityUser; readonly key: IdentityKey }>;

  users(query: UserQuery): Promise<Page<IdentityUser>>;
  /** 404 10028 */
  user(id: string): Promise<IdentityUser>;
  /** 409 11006 where the name is taken; 400 10011 for a bad name or password. */
  createUser(user: NewUser): Promise<IdentityUser>;
  /** The same where there is no user of that type yet, else null. One of several that try at once succeeds. */
  createFirstUser(user: NewUser): Promise<IdentityUser | null>;
  /**
   * @param version 412 where it is another by now; null: whichever
   * @param keeps 409 where nobody would be left with that role who had it before: decided in the same transaction, so that two who
   * take it from each other at once cannot both succeed
   */
  changeUser(id: string, change: UserChange, version: number | null, keeps?: KeptRole): Promise<IdentityUser>;
  deleteUser(id: string, version: number | null, keeps?: KeptRole): Promise<void>;
  /** 404 10028 */
  key(id: string): Promise<IdentityKey>;
  keys(query: KeyQuery): Promise<Page<IdentityKey>>;
  /** The key is told once. */
  createKey(key: NewKey): Promise<{ readonly id: string; readonly key: string; readonly record: IdentityKey }>;
  /** 404 10028 */
  deleteKey(id: string): Promise<void>;
}
export const IDENTITIES = Symbol('Identities');
