import {
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
  type UserChange,
  type UserQuery,
} from '../contracts/identities.js';
import { missingCredential } from './identity-faults.js';
import { NO_WISHES, type IdentityServer } from './identity-server.js';

/** The identity server for who stands beside its runner, by its default rules. */
export class BuiltInIdentities implements Identities {
  constructor(
    private readonly server: IdentityServer,
    /** Told of whatever will end some day, and must be swept then. */
    private readonly begun: () => void = () => undefined,
  ) {}

  async login(type: string, credentials: LoginCredentials, address: string | null): Promise<LoggedIn | LoginStep> {
    this.begun();
    const { username, password, transactionId, otp } = credentials;
    const from = { address, signal: null };
    if (transactionId !== null) {
      if (otp === null) throw missingCredential('otp');
      return this.server.issue(await this.server.proveStep(type, transactionId, otp, from), NO_WISHES);
    }
    if (username === null || password === null) throw missingCredential(username === null ? 'username' : 'password');
    const proven = await this.server.prove(type, { name: username, text: password, kind: 'password', otp }, from);
    return 'stage' in proven ? proven : this.server.issue(proven, NO_WISHES);
  }

  refresh(type: string, refreshToken: string): Promise<LoggedIn> {
    return this.server.refresh(type, refreshToken, NO_WISHES);
  }

  async logout(loginId: string): Promise<void> {
    await this.server.parts.logins.end(loginId);
  }

  verificationKey(type: string, kid: string | undefined): Buffer | null {
    const found = this.server.signingKeys(type).find((key) => key.kid === kid);
    return found === undefined ? null : found.key.export();
  }

  async userOf(claims: AccessClaims): Promise<IdentityUser> {
    return (await this.server.held(claims)).user;
  }

  userOfKey(type: string, key: string): Promise<{ readonly user: IdentityUser; readonly key: IdentityKey }> {
    return this.server.knownKey(type, key);
  }

  users(query: UserQuery): Promise<Page<IdentityUser>> {
    return this.server.parts.users.list(query);
  }

  user(id: string): Promise<IdentityUser> {
    return this.server.parts.users.get(id);
  }

  createUser(user: NewUser): Promise<IdentityUser> {
    return this.server.createUser(user);
  }

  createFirstUser(user: NewUser): Promise<IdentityUser | null> {
    return this.server.createFirstUser(user);
  }

  changeUser(id: string, change: UserChange, version: number | null, keeps?: KeptRole): Promise<IdentityUser> {
    // Only what may take the role away waits for others who do.
    const mayTake = change.roles !== undefined || change.disabled === true;
    return this.server.changeUser(id, change, version, mayTake ? keeps : null);
  }

  deleteUser(id: string, version: number | null, keeps?: KeptRole): Promise<void> {
    return this.server.parts.users.remove(id, version, keeps);
  }

  key(id: string): Promise<IdentityKey> {
    return this.server.parts.keys.get(id);
  }

  keys(query: KeyQuery): Promise<Page<IdentityKey>> {
    return this.server.parts.keys.list(query);
  }

  createKey(key: NewKey): Promise<{ readonly id: string; readonly key: string; readonly record: IdentityKey }> {
    this.begun();
    return this.server.createKey(key);
  }

  deleteKey(id: string): Promise<void> {
    return this.server.parts.keys.remove(id);
  }
}
