import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { KeyDeriver, SecretBox } from '../secrets/secret-box.js';
import type { BoundedStore } from '../storage/bounded-store.js';
import { Attempts } from './attempts/attempts.js';
import { LateAnswers } from './attempts/failure-delay.js';
import type { ServerParts } from './identity-server.js';
import { StoredKeys } from './keys/stored-keys.js';
import { PasswordLogin, type LoginParts } from './logins/password-login.js';
import { StoredLogins } from './logins/stored-logins.js';
import { StoredOtp } from './otp/stored-otp.js';
import type { Derive } from './passwords/derivation.js';
import { HashQueue } from './passwords/hash-queue.js';
import { PasswordHashes } from './passwords/password-hashes.js';
import { StoredUsers } from './users/stored-users.js';

/** A core stays for requests. */
export const HASHES_AT_ONCE = Math.max(1, availableParallelism() - 1);
/** Some seconds of hashing. */
const MOST_WAITING_HASHES = 200;
const MOST_LATE_ANSWERS = 5000;

export interface KitOptions {
  readonly store: Pick<BoundedStore, 'rows'>;
  readonly box: SecretBox & KeyDeriver;
  /** Epoch ms. */
  readonly now: () => number;
  readonly late?: LateAnswers;
  /** Hashes, as many at once as HASHES_AT_ONCE. */
  readonly derive: Derive;
}

/** What all identity servers of a process share: the store, the queue of hashes, the answers that wait. */
export function identityKit({
  store,
  box,
  now,
  derive,
  late = new LateAnswers(MOST_LATE_ANSWERS),
}: KitOptions): ServerParts {
  const parts: LoginParts = {
    users: new StoredUsers(store),
    logins: new StoredLogins(store),
    otp: new StoredOtp(store, box, now),
    attempts: new Attempts(store, (ms) => delay(ms)),
    hashes: new PasswordHashes(derive),
    queue: new HashQueue(HASHES_AT_ONCE, MOST_WAITING_HASHES),
    late,
  };
  return { ...parts, keys: new StoredKeys(store), passwords: new PasswordLogin(parts), deriver: box, now };
}
