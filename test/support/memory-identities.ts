import { createHmac, randomUUID } from 'node:crypto';
import {
  IdentityFault,
  type AccessClaims,
  type Identities,
  type IdentityKey,
  type IdentityUser,
  type KeptRole,
  type KeyQuery,
  type LoggedIn,
  type LoginCredentials,
  type LoginStep,
  type NewKey,
  type NewUser,
  type Page,
  type SortedBy,
  type UserChange,
  type UserQuery,
} from '../../src/contracts/identities.js';

const LIFE_SECONDS = 600;
const KEY = Buffer.alloc(64, 7);
const KID = 'k1';

const fault = (status: IdentityFault['status'], code: number, message: string): IdentityFault =>
  new IdentityFault(code, status, message);
const noSuch = (): IdentityFault => fault(404, 10028, 'there is no such record');
const invalid = (): IdentityFault => fault(401, 10125, 'invalid token');
const changed = (): IdentityFault => fault(412, 412, 'the user has changed meanwhile: read it again');

interface Login {
  readonly user: string;
  refreshToken: string;
}

/** The built-in identity server in memory, as strict as the port says. What a test sets as `failure` every call throws. */
export class MemoryIdentities implements Identities {
  failure: Error | null = null;
  /** Runs before each write: what somebody else does meanwhile. */
  meanwhile: (() => void) | null = null;
  readonly stored = new Map<string, IdentityUser>();
  readonly passwords = new Map<string, string>();
  readonly storedKeys = new Map<string, IdentityKey>();
  private readonly keyTexts = new Map<string, string>();
  private readonly logins = new Map<string, Login>();
  private readonly steps = new Map<string, string>();
  /** Epoch ms. */
  now = Date.parse('2030-01-01T00:00:00Z');

  async login(type: string, credentials: LoginCredentials): Promise<LoggedIn | LoginStep> {
    this.ask();
    const { username, password, transactionId, otp } = credentials;
    if (transactionId !== null) {
      const id = this.steps.get(transactionId);
      if (id === undefined || otp !== '000000') throw fault(401, 10125, 'wrong credentials');
      this.steps.delete(transactionId);
      return this.loggedIn(this.stored.get(id)!);
    }
    const user = [...this.stored.values()].find(
      (each) => each.type === type && folded(each.username) === folded(username ?? ''),
    );
    if (user === undefined || user.disabled || this.passwords.get(user.id) !== password)
      throw fault(401, 10125, 'wrong credentials');
    if (!user.hasOtp) return this.loggedIn(user);
    const step = randomUUID();
    this.steps.set(step, user.id);
    return { kind: 'step', stage: 'otp', transactionId: step };
  }

  async refresh(_type: string, refreshToken: string): Promise<LoggedIn> {
    this.ask();
    const found = [...this.logins].find(([, login]) => login.refreshToken === refreshToken);
    if (found === undefined) throw invalid();
    const [id, login] = found;
    this.logins.delete(id);
    return this.loggedIn(this.stored.get(login.user)!);
  }

  async logout(loginId: string): Promise<void> {
    this.ask();
    this.logins.delete(loginId);
  }

  verificationKey(type: string, kid: string | undefined): Buffer | null {
    return type === 'admin' && kid === KID ? KEY : null;
  }

  async userOf({ sub, type, sid }: AccessClaims): Promise<IdentityUser> {
    this.ask();
    const user = this.stored.get(sub);
    if (this.logins.get(sid)?.user !== sub || user?.type !== type || user.disabled) throw invalid();
    return user;
  }

  async userOfKey(type: string, key: string): Promise<{ user: IdentityUser; key: IdentityKey }> {
    this.ask();
    const record = this.storedKeys.get(this.keyTexts.get(key) ?? '');
    const user = this.stored.get(record?.user ?? '');
    const isOver = record?.expires !== null && Date.parse(record?.expires ?? '') <= this.now;
    if (record === undefined || user === undefined || user.type !== type || user.disabled || isOver) throw invalid();
    return { user, key: record };
  }

  async users({ type, search, disabled, sort, skip, limit }: UserQuery): Promise<Page<IdentityUser>> {
    this.ask();
    const list = [...this.stored.values()].filter(
      (user) =>
        (type === undefined || user.type === type) &&
        (search === undefined || folded(user.username).includes(folded(search))) &&
        (disabled === undefined || user.disabled === disabled),
    );
    return page(list, sort ?? { by: 'username' }, { skip, limit });
  }

  async user(id: string): Promise<IdentityUser> {
    this.ask();
    const user = this.stored.get(id);
    if (user === undefined) throw noSuch();
    return user;
  }

  async createUser({ type, username, password, profile, roles, disabled }: NewUser): Promise<IdentityUser> {
    this.ask();
    this.refuseTaken(type, username, null);
    this.refusePassword(password);
    const at = new Date(this.now++).toISOString();
    const user: IdentityUser = {
      ...{ id: randomUUID(), type, username, profile: profile ?? {}, roles: roles ?? [], disabled: disabled ?? false },
      ...{ hasOtp: false, version: 1, createdAt: at, updatedAt: at },
    };
    this.stored.set(user.id, user);
    if (password !== null) this.passwords.set(user.id, password);
    return user;
  }

  async createFirstUser(user: NewUser): Promise<IdentityUser | null> {
    this.ask();
    this.meanwhile?.();
    if ([...this.stored.values()].some(({ type }) => type === user.type)) return null;
    return this.createUser(user);
  }

  async changeUser(id: string, change: UserChange, version: number | null, keeps?: KeptRole): Promise<IdentityUser> {
    this.ask();
    this.meanwhile?.();
    const user = await this.user(id);
    if (version !== null && version !== user.version) throw changed();
    const { password, ...rest } = change;
    if (rest.username !== undefined) this.refuseTaken(user.type, rest.username, id);
    if (password !== undefined) this.refusePassword(password);
    const next = { ...user, ...rest, version: user.version + 1, updatedAt: new Date(this.now++).toISOString() };
    this.refuseLast(user, next, keeps);
    this.stored.set(id, next);
    if (password !== undefined) this.passwords.set(id, password);
    if (password !== undefined || rest.disabled === true) this.endLogins(id);
    return next;
  }

  async deleteUser(id: string, version: number | null, keeps?: KeptRole): Promise<void> {
    this.ask();
    this.meanwhile?.();
    const user = await this.user(id);
    if (version !== null && version !== user.version) throw changed();
    this.refuseLast(user, null, keeps);
    this.stored.delete(id);
    this.endLogins(id);
  }

  async keys({ type, user, sort, skip, limit }: KeyQuery): Promise<Page<IdentityKey>> {
    this.ask();
    const list = [...this.storedKeys.values()].filter(
      (key) => (type === undefined || key.type === type) && (user === undefined || key.user === user),
    );
    return page(list, sort ?? { by: 'createdAt', descending: true }, { skip, limit });
  }

  async key(id: string): Promise<IdentityKey> {
    this.ask();
    const key = this.storedKeys.get(id);
    if (key === undefined) throw noSuch();
    return key;
  }

  async createKey({
    user: userId,
    name,
    roles,
    expires,
  }: NewKey): Promise<{ id: string; key: string; record: IdentityKey }> {
    const user = await this.user(userId);
    const id = randomUUID();
    const record: IdentityKey = {
      ...{ id, type: user.type, user: user.id, name: name ?? null, roles: roles ?? user.roles },
      ...{ expires: expires ?? null, createdAt: new Date(this.now++).toISOString() },
    };
    const key = `${id}.secret`;
    this.storedKeys.set(id, record);
    this.keyTexts.set(key, id);
    return { id, key, record };
  }

  async deleteKey(id: string): Promise<void> {
    await this.key(id);
    this.storedKeys.delete(id);
  }

  /** For what a test wants to be signed: by the key of administrators unless it says otherwise. */
  sign(claims: object, { header = {}, key = KEY }: { header?: object; key?: Buffer } = {}): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS512', kid: KID, ...header })}.${part(claims)}`;
    return `${signed}.${createHmac('sha512', key).update(signed).digest('base64url')}`;
  }

  private loggedIn(user: IdentityUser): LoggedIn {
    const [sid, refreshToken] = [randomUUID(), randomUUID()];
    this.logins.set(sid, { user: user.id, refreshToken });
    const exp = Math.floor(Date.now() / 1000) + LIFE_SECONDS;
    return {
      ...{ kind: 'loggedIn', user, accessToken: this.sign({ sub: user.id, type: user.type, sid, exp }), refreshToken },
      ...{ expiresInSeconds: LIFE_SECONDS, refreshExpiresInSeconds: LIFE_SECONDS * 10 },
    };
  }

  private ask(): void {
    if (this.failure !== null) throw this.failure;
  }

  private endLogins(user: string): void {
    for (const [id, login] of this.logins) if (login.user === user) this.logins.delete(id);
  }

  private refuseTaken(type: string, username: string, self: string | null): void {
    const others = [...this.stored.values()].filter((user) => user.id !== self && user.type === type);
    if (others.some((user) => folded(user.username) === folded(username))) throw fault(409, 11006, 'the name is taken');
  }

  private refusePassword(password: string | null): void {
    if (password !== null && password.length < 8) throw fault(400, 10011, 'the password has less than 8 characters');
  }

  private refuseLast(user: IdentityUser, next: IdentityUser | null, keeps: KeptRole | undefined): void {
    if (keeps === undefined) return;
    const holds = (each: IdentityUser | null): boolean =>
      each !== null && each.type === keeps.type && !each.disabled && each.roles.includes(keeps.role);
    const others = [...this.stored.values()].filter(({ id }) => id !== user.id);
    if (holds(user) && !holds(next) && !others.some(holds)) throw fault(409, 409, 'somebody must keep that role');
  }
}

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

function page<T extends object>(
  list: readonly T[],
  sort: SortedBy<string>,
  { skip, limit }: { skip: number; limit: number },
): Page<T> {
  const by = (item: T): string => String((item as Record<string, string | null>)[sort.by] ?? '');
  const sorted = list.toSorted((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0));
  const turned = sort.descending === true ? sorted.toReversed() : sorted;
  return { list: turned.slice(skip, skip + limit), total: list.length };
}
