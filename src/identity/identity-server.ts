import type {
  IdentityKey,
  IdentityUser,
  KeptRole,
  LoggedIn,
  LoginStep,
  NewKey,
  NewUser,
  UserChange,
} from '../contracts/identities.js';
import type { KeyDeriver } from '../secrets/secret-box.js';
import { badInput, invalidToken, wrongCredentials } from './identity-faults.js';
import { DEFAULT_ISSUER, type IdentitySettings } from './identity-settings.js';
import type { StoredKeys } from './keys/stored-keys.js';
import { readAccess, signAccess, signId, type IssuedClaims, type TokenRules } from './logins/access-tokens.js';
import type { Attempt, LoginParts, NameAndSecret, PasswordLogin } from './logins/password-login.js';
import type { HeldLogin } from './logins/stored-logins.js';
import { derivedSigningKeys, signingKeyOf, type SigningKeys } from './logins/signing-keys.js';
import { checkedName, checkedProfile, checkedRoles, checkedSecret, checkedType } from './users/user-checks.js';
import type { StoredChange, UserToStore } from './users/stored-users.js';
import { ADMINISTRATORS } from './users/user-type.js';

export interface ServerParts extends LoginParts {
  readonly keys: StoredKeys;
  readonly passwords: PasswordLogin;
  readonly deriver: KeyDeriver;
  /** Epoch ms. */
  readonly now: () => number;
}

/** What one call may ask for differently (spec/identity.md, "Per call"). */
export interface TokenWishes {
  readonly accessSeconds: number | null;
  readonly refreshSeconds: number | null;
  /** An ID token, too, with the roles. */
  readonly rolesInId: boolean;
}
/** Whoever calls, as far as it is known. */
export type CameFrom = Pick<Attempt, 'address' | 'signal'>;

export const NO_WISHES: TokenWishes = Object.freeze({ accessSeconds: null, refreshSeconds: null, rolesInId: false });

export interface IssuedLogin extends LoggedIn {
  readonly idToken: string | null;
}

export interface ResolvedToken extends HeldLogin {
  readonly claims: IssuedClaims;
}

export interface ResolvedKey {
  readonly user: IdentityUser;
  readonly key: IdentityKey;
}

/** What of a new user only some may say. */
export interface Import {
  readonly id?: string | null;
  readonly passwordHash?: string | null;
  /** A second credential, for machines. */
  readonly secret?: string | null;
}

/** Users, logins and keys by the rules of one system. Every method throws IdentityFault. */
export class IdentityServer {
  private readonly signing = new Map<string, SigningKeys>();

  constructor(
    readonly parts: ServerParts,
    readonly settings: IdentitySettings,
  ) {}

  async prove(type: string, given: NameAndSecret, from: CameFrom): Promise<IdentityUser | LoginStep> {
    const proven = await this.parts.passwords.prove(given, this.attempt(type, from));
    if (proven.kind === 'proven') return proven.user;
    return { kind: 'step', stage: 'otp', transactionId: proven.transactionId };
  }

  proveStep(type: string, transactionId: string, otp: string, from: CameFrom): Promise<IdentityUser> {
    return this.parts.passwords.proveStep(transactionId, otp, this.attempt(type, from));
  }

  attempt(type: string, { address, signal }: CameFrom): Attempt {
    return { type, address, signal, limits: this.settings.attempts };
  }

  /** A new login of a user who is proven. */
  async issue(user: IdentityUser, asked: TokenWishes): Promise<IssuedLogin> {
    const wishes = grantedTo(user.type, asked);
    const refreshSeconds = wishes.refreshSeconds ?? this.settings.refreshSeconds;
    const login = await this.parts.logins.begin(user.id, refreshSeconds);
    return this.tokens(user, login, refreshSeconds, wishes);
  }

  /** The refresh token lives as long as the one before, unless the call says otherwise. */
  async refresh(type: string, refreshToken: string, asked: TokenWishes): Promise<IssuedLogin> {
    const wishes = grantedTo(type, asked);
    const { userId, refreshSeconds, ...login } = await this.parts.logins.rotate(
      type,
      refreshToken,
      wishes.refreshSeconds,
    );
    const user = await this.parts.users.find(userId);
    if (user === null) throw invalidToken();
    return this.tokens(user, login, refreshSeconds, wishes);
  }

  /** The claims of a good access token whose login holds, and its user as it is now. */
  async resolve(type: string, accessToken: string): Promise<ResolvedToken> {
    const claims = await this.readAccess(type, accessToken);
    const { user, ageSeconds } = await this.held(claims);
    return { claims: { ...claims, roles: user.roles }, user, ageSeconds };
  }

  readAccess(type: string, accessToken: string): Promise<IssuedClaims> {
    return readAccess(accessToken, type, this.rules(type));
  }

  /** @throws IdentityFault 10125 where the login has ended, or its user may not log in */
  async held({ sub, sid, type }: Pick<IssuedClaims, 'sub' | 'sid' | 'type'>): Promise<HeldLogin> {
    const held = await this.parts.logins.held(sid, sub);
    if (held === null || held.user.type !== type) throw invalidToken();
    return held;
  }

  /** The key has the roles that its user has, too. */
  async resolveKey(type: string, text: string): Promise<ResolvedKey> {
    const { user, key } = await this.knownKey(type, text);
    return { user, key: { ...key, roles: key.roles.filter((role) => user.roles.includes(role)) } };
  }

  /** With all the roles that were given to the key. @throws IdentityFault 10125 */
  async knownKey(type: string, text: string): Promise<ResolvedKey> {
    const key = await this.parts.keys.find(type, text, this.settings);
    const user = key === null ? null : await this.parts.users.find(key.user);
    if (key === null || user === null) throw invalidToken();
    return { user, key };
  }

  async createUser(user: NewUser, more: Import = {}): Promise<IdentityUser> {
    return this.parts.users.create(await this.storable(user, more));
  }

  async createFirstUser(user: NewUser): Promise<IdentityUser | null> {
    return this.parts.users.createFirst(await this.storable(user, {}));
  }

  async changeUser(
    id: string,
    change: UserChange & { readonly secret?: string },
    version: number | null,
    keeps: KeptRole | null = null,
  ): Promise<IdentityUser> {
    const { username, password, secret, profile, roles, disabled } = change;
    const stored: StoredChange = {
      ...(username !== undefined && { username: checkedName(username) }),
      ...(profile !== undefined && { profile: checkedProfile(profile) }),
      ...(roles !== undefined && { roles: checkedRoles(roles) }),
      ...(disabled !== undefined && { disabled }),
      ...(password !== undefined && { passwordHash: await this.hashed('password', password) }),
      ...(secret !== undefined && { secretHash: await this.hashed('secret', secret) }),
    };
    return this.parts.users.change(id, version, stored, keeps);
  }

  /** @throws IdentityFault 10125 where the password so far is another */
  async changePassword(
    user: IdentityUser,
    password: string,
    newPassword: string,
    from: CameFrom,
  ): Promise<IdentityUser> {
    checkedSecret('password', newPassword, this.settings.password);
    await this.provePassword(user, password, from);
    return this.changeUser(user.id, { password: newPassword }, null);
  }

  /** That it is the user who asks. @throws IdentityFault 10125 */
  async provePassword({ id, type, username }: IdentityUser, password: string, from: CameFrom): Promise<void> {
    const given = { name: username, text: password, kind: 'password', otp: null } as const;
    const proven = await this.parts.passwords.prove(given, this.attempt(type, from));
    // Renamed meanwhile, and the name given to another.
    if (proven.kind === 'proven' && proven.user.id !== id) throw wrongCredentials();
  }

  createKey(key: NewKey) {
    return this.parts.keys.create(this.settings, key);
  }

  signingKeys(type: string): SigningKeys {
    const known = this.signing.get(type);
    if (known !== undefined) return known;
    const signingKey = type === ADMINISTRATORS ? null : this.settings.signingKey;
    const keys: SigningKeys =
      signingKey === null ? derivedSigningKeys(this.parts.deriver, type) : [signingKeyOf(signingKey)];
    // Types come from paths: as many as somebody asks for.
    if (this.signing.size >= MOST_TYPES) this.signing.clear();
    this.signing.set(type, keys);
    return keys;
  }

  /** The admin API knows no system: tokens of administrators are the same whichever system makes them. */
  private rules(type: string): TokenRules {
    const issuer = type === ADMINISTRATORS ? DEFAULT_ISSUER : this.settings.issuer;
    return { keys: this.signingKeys(type), issuer };
  }

  private async tokens(
    user: IdentityUser,
    login: { readonly id: string; readonly refreshToken: string },
    refreshSeconds: number,
    { accessSeconds, rolesInId }: TokenWishes,
  ): Promise<IssuedLogin> {
    const seconds = accessSeconds ?? this.settings.accessSeconds;
    const [rules, times] = [this.rules(user.type), { id: login.id, seconds, nowMs: this.parts.now() }];
    return {
      ...{ kind: 'loggedIn', user, refreshToken: login.refreshToken },
      accessToken: await signAccess(rules, user, times),
      idToken: rolesInId ? await signId(rules, user, times) : null,
      ...{ expiresInSeconds: seconds, refreshExpiresInSeconds: refreshSeconds },
    };
  }

  private async storable(
    user: NewUser,
    { id = null, passwordHash = null, secret = null }: Import,
  ): Promise<UserToStore> {
    const { type, username, password, profile = {}, roles = [], disabled = false } = user;
    if (id !== null && !ID.test(id)) throw badInput('id is 1 to 128 visible characters, and none of them /');
    return {
      ...{ id, type: checkedType(type), username: checkedName(username) },
      ...{ profile: checkedProfile(profile), roles: checkedRoles(roles), disabled },
      passwordHash: password === null ? passwordHash : await this.hashed('password', password),
      secretHash: secret === null ? null : await this.hashed('secret', secret),
    };
  }

  private hashed(name: 'password' | 'secret', text: string): Promise<string> {
    checkedSecret(name, text, this.settings[name]);
    return this.parts.queue.run(() => this.parts.hashes.make(text));
  }
}

const MOST_TYPES = 100;
/** As the admin API takes it, in its paths. */
const ID = /^[\x21-\x2e\x30-\x7e]{1,128}$/;

/** How long an administrator's login lives is not for a record, or another gateway, to say. */
function grantedTo(type: string, wishes: TokenWishes): TokenWishes {
  return type === ADMINISTRATORS ? NO_WISHES : wishes;
}
