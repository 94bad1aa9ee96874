import { randomUUID } from 'node:crypto';
import type { IdentityUser, KeptRole, Page, UserQuery } from '../../contracts/identities.js';
import type { JsonObject } from '../../contracts/json.js';
import { databaseCode, type BoundedStore } from '../../storage/bounded-store.js';
import { changedMeanwhile, lastWithRole, noUser, taken } from '../identity-faults.js';
import { foldedName } from './user-name.js';
import {
  CHANGE,
  COUNT,
  USER_OF_TYPE,
  HAS_USERS,
  INSERT,
  INSERT_UNLESS_THERE,
  listOf,
  PROOF,
  REHASH,
  REMOVE,
  USER,
  type CountRow,
  type NamedRow,
  type ProofRow,
  type Secrets,
  type UserRow,
} from './user-statements.js';

const UNIQUE_VIOLATION = '23505';

/** A new user with all that is secret hashed. Checked by who makes it. */
export interface UserToStore {
  /** Of an import; null: a new one. */
  readonly id: string | null;
  readonly type: string;
  readonly username: string;
  readonly profile: JsonObject;
  readonly roles: readonly string[];
  readonly disabled: boolean;
  readonly passwordHash: string | null;
  readonly secretHash: string | null;
}

export interface StoredChange {
  readonly username?: string;
  readonly profile?: JsonObject;
  readonly roles?: readonly string[];
  readonly disabled?: boolean;
  readonly passwordHash?: string;
  readonly secretHash?: string;
}

export interface Proof {
  /** Null: nobody has the name. */
  readonly user: IdentityUser | null;
  readonly passwordHash: string | null;
  readonly secretHash: string | null;
}

export interface NamedUser {
  readonly user: IdentityUser;
  /** Folded. */
  readonly name: string;
}

/** Users in the database. Each throws IdentityFault. */
export class StoredUsers {
  constructor(private readonly store: Pick<BoundedStore, 'rows'>) {}

  /** What a login by that name is checked by: as much, and as fast, where nobody has it. */
  async proofOf(type: string, name: string): Promise<Proof> {
    const [row] = await this.store.rows<ProofRow>(PROOF, [type, name]);
    const { password, secret, ...user } = row!;
    return { user: isUser(user) ? userOf(user) : null, passwordHash: password, secretHash: secret };
  }

  async byId(type: string, id: string): Promise<NamedUser | null> {
    return namedOf(await this.store.rows<NamedRow>(USER_OF_TYPE, [type, id]));
  }

  async find(id: string): Promise<IdentityUser | null> {
    const [row] = await this.store.rows<UserRow>(USER, [id]);
    return row === undefined ? null : userOf(row);
  }

  async get(id: string): Promise<IdentityUser> {
    const user = await this.find(id);
    if (user === null) throw noUser();
    return user;
  }

  async list({ type, search = '', disabled, sort, skip, limit }: UserQuery): Promise<Page<IdentityUser>> {
    const pattern = search === '' ? null : `%${foldedName(search).replace(/[\\%_]/g, String.raw`\$&`)}%`;
    const chosen = [type ?? null, pattern, disabled ?? null];
    const statement = listOf(sort?.by ?? 'username', sort?.descending === true);
    const [counts, rows] = await Promise.all([
      this.store.rows<CountRow>(COUNT, chosen),
      this.store.rows<UserRow>(statement, [...chosen, skip, limit]),
    ]);
    return { list: rows.map(userOf), total: counts[0]?.total ?? 0 };
  }

  async create(user: UserToStore): Promise<IdentityUser> {
    return userOf((await this.insert(INSERT, user))!);
  }

  /** Null where the type has a user already. */
  async createFirst(user: UserToStore): Promise<IdentityUser | null> {
    const [found] = await this.store.rows<{ readonly has: boolean }>(HAS_USERS, [user.type]);
    if (found?.has === true) return null;
    // Replicas that start at once agree on the id: the first insert wins, whatever the names are.
    return this.createUnlessThere({ ...user, id: `first-${user.type}` });
  }

  /** Null where id or name are taken. */
  async createUnlessThere(user: UserToStore): Promise<IdentityUser | null> {
    const row = await this.insert(INSERT_UNLESS_THERE, user);
    return row === undefined ? null : userOf(row);
  }

  /** @param keeps 409 where nobody would have that role any more */
  async change(
    id: string,
    version: number | null,
    change: StoredChange,
    keeps: KeptRole | null = null,
  ): Promise<IdentityUser> {
    const { username = null, profile, roles = null, disabled = null, passwordHash = null, secretHash = null } = change;
    const name = username === null ? null : foldedName(username);
    const profileText = profile === undefined ? null : JSON.stringify(profile);
    const values = [id, version, name, username, profileText, roles, disabled, passwordHash, secretHash];
    const kept = [keeps?.type ?? null, keeps?.role ?? null];
    const [row] = await this.named(() => this.store.rows<UserRow>(CHANGE, [...values, ...kept]));
    if (row === undefined) throw await this.missed(id, version);
    return userOf(row);
  }

  /** @param keeps as of change */
  async remove(id: string, version: number | null, keeps: KeptRole | null = null): Promise<void> {
    const values = [id, version, keeps?.type ?? null, keeps?.role ?? null];
    const [gone] = await this.store.rows<{ readonly id: string }>(REMOVE, values);
    if (gone === undefined) throw await this.missed(id, version);
  }

  async rehash(id: string, from: string, to: string): Promise<void> {
    await this.store.rows(REHASH, [id, from, to]);
  }

  private async insert(statement: string, user: UserToStore): Promise<UserRow | undefined> {
    const { id, type, username, profile, roles, disabled, passwordHash, secretHash } = user;
    const values = [id ?? randomUUID(), type, foldedName(username), username, JSON.stringify(profile)];
    values.push(roles as never, disabled as never, passwordHash as never, secretHash as never);
    const [row] = await this.named(() => this.store.rows<UserRow>(statement, values));
    return row;
  }

  /** @throws IdentityFault 409 where another has the name, or the id */
  private async named<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (databaseCode(error) === UNIQUE_VIOLATION) throw taken(isOfName(error) ? 'username' : 'id');
      throw error;
    }
  }

  private async missed(id: string, version: number | null): Promise<Error> {
    const user = await this.find(id);
    if (user === null) return noUser();
    return version === null || user.version === version ? lastWithRole() : changedMeanwhile();
  }
}

/** By the constraint that refused. */
function isOfName(error: unknown): boolean {
  return (error as { readonly constraint?: unknown }).constraint === 'identity_users_name';
}

function namedOf([row]: readonly NamedRow[]): NamedUser | null {
  return row === undefined ? null : { user: userOf(row), name: row.name };
}

function isUser(row: Omit<ProofRow, keyof Secrets>): row is UserRow {
  return row.id !== null;
}

/** The row without what only the database needs. */
export function userOf(row: UserRow): IdentityUser {
  const { id, type, username, profile, roles, disabled, hasOtp, version, createdAt, updatedAt } = row;
  return {
    ...{ id, type, username, profile: profile as JsonObject, roles, disabled, hasOtp, version },
    ...{ createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() },
  };
}
