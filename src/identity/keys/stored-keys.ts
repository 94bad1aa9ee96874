import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { IdentityKey, KeyQuery, NewKey, Page } from '../../contracts/identities.js';
import type { BoundedStore } from '../../storage/bounded-store.js';
import { badMember, noKey, noUser } from '../identity-faults.js';
import { checkedRoles } from '../users/user-checks.js';
import { COUNT, CREATE, FIND, KEY, listOf, REMOVE, type KeyRow } from './key-statements.js';

/** How keys are made and looked up. */
export interface KeyRules {
  /** Characters of a new key. */
  readonly keyLength: number;
  /** Null: digests are plain ones. */
  readonly keySecret: Buffer | null;
}

const MOST_NAME = 256;
const MOST_KEY = 1024;
const MOMENT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** API keys by digest: a key is random, so that its digest needs no slow hash. Each throws IdentityFault. */
export class StoredKeys {
  constructor(private readonly store: Pick<BoundedStore, 'rows'>) {}

  /** The key is told once. @throws IdentityFault 404 where there is no such user */
  async create(rules: KeyRules, { user, name = null, roles = null, expires = null }: NewKey) {
    if (name !== null && (name.length > MOST_NAME || /\p{Cc}|\p{Cs}/u.test(name)))
      throw badMember('name', `has more than ${MOST_NAME} characters, or control characters`);
    const key = randomText(rules.keyLength);
    const values = [
      randomUUID(),
      digestOf(key, rules.keySecret),
      user,
      name,
      roles === null ? null : checkedRoles(roles),
    ];
    const [row] = await this.store.rows<KeyRow>(CREATE, [...values, expires === null ? null : endOf(expires)]);
    if (row === undefined) throw noUser();
    return { id: row.id, key, record: keyOf(row) };
  }

  /** @throws IdentityFault 404 */
  async get(id: string): Promise<IdentityKey> {
    const [row] = UUID.test(id) ? await this.store.rows<KeyRow>(KEY, [id]) : [];
    if (row === undefined) throw noKey();
    return keyOf(row);
  }

  async list({ type, user, sort, skip, limit }: KeyQuery): Promise<Page<IdentityKey>> {
    const statement = listOf(sort?.by ?? 'createdAt', sort === undefined || sort.descending === true);
    const chosen = [type ?? null, user ?? null];
    const [counts, rows] = await Promise.all([
      this.store.rows<{ readonly total: number }>(COUNT, chosen),
      this.store.rows<KeyRow>(statement, [...chosen, skip, limit]),
    ]);
    return { list: rows.map(keyOf), total: counts[0]?.total ?? 0 };
  }

  /** @throws IdentityFault 404 */
  async remove(id: string, of: { readonly type?: string; readonly user?: string } = {}): Promise<void> {
    const gone = UUID.test(id) ? await this.store.rows(REMOVE, [id, of.type ?? null, of.user ?? null]) : [];
    if (gone.length === 0) throw noKey();
  }

  /** Null where there is no such key, it has expired, or its user may not log in. Keys that were made without the secret count, too. */
  async find(type: string, key: string, { keySecret }: KeyRules): Promise<IdentityKey | null> {
    if (key === '' || key.length > MOST_KEY) return null;
    const digests = [digestOf(key, null)];
    if (keySecret !== null) digests.push(digestOf(key, keySecret));
    const [row] = await this.store.rows<KeyRow>(FIND, [digests, type]);
    return row === undefined ? null : keyOf(row);
  }
}

function digestOf(key: string, secret: Buffer | null): Buffer {
  const hash = secret === null ? createHash('sha256') : createHmac('sha256', secret);
  return hash.update(key).digest();
}

function randomText(characters: number): string {
  return randomBytes(characters).toString('base64url').slice(0, characters);
}

/** @throws IdentityFault 400 for what is no moment of the calendar, or lies behind us */
function endOf(expires: string): string {
  const end = MOMENT.test(expires) ? Date.parse(expires) : NaN;
  const day = expires.slice(0, 10);
  const isDay = new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;
  if (Number.isNaN(end) || !isDay) throw badMember('expires', 'is a time such as 2030-01-31T12:00:00Z');
  if (end <= Date.now()) throw badMember('expires', 'is over');
  return new Date(end).toISOString();
}

function keyOf({ id, type, user, name, roles, expires, createdAt }: KeyRow): IdentityKey {
  return { id, type, user, name, roles, expires: expires?.toISOString() ?? null, createdAt: createdAt.toISOString() };
}
