import type { IdentityUser } from '../../contracts/identities.js';
import { nameKey } from '../attempts/attempt-keys.js';
import type { AttemptLimits, Attempts, Try } from '../attempts/attempts.js';
import type { LateAnswers } from '../attempts/failure-delay.js';
import { unavailable, wrongCredentials } from '../identity-faults.js';
import type { StoredOtp } from '../otp/stored-otp.js';
import type { HashQueue } from '../passwords/hash-queue.js';
import type { PasswordHashes } from '../passwords/password-hashes.js';
import type { StoredUsers } from '../users/stored-users.js';
import { foldedName, nameProblem } from '../users/user-name.js';
import type { StoredLogins } from './stored-logins.js';

export interface LoginParts {
  readonly users: StoredUsers;
  readonly logins: StoredLogins;
  readonly otp: StoredOtp;
  readonly attempts: Attempts;
  readonly hashes: PasswordHashes;
  readonly queue: HashQueue;
  readonly late: LateAnswers;
}

/** Whoever tries to log in, from where, by which limits. */
export interface Attempt {
  readonly type: string;
  /** Null: unknown, and not counted. */
  readonly address: string | null;
  readonly limits: AttemptLimits;
  /** Nobody waits for the answer any more. */
  readonly signal: AbortSignal | null;
}

export interface NameAndSecret {
  readonly name: string;
  readonly text: string;
  /** Which of the user's two credentials it is. */
  readonly kind: 'password' | 'secret';
  /** Of a client that knows beforehand that it is asked for. */
  readonly otp: string | null;
}

export type Proven =
  { readonly kind: 'proven'; readonly user: IdentityUser } | { readonly kind: 'step'; readonly transactionId: string };

/** What is longer is nobody's password, and not worth a hash. */
const MOST_TEXT = 4096;

/**
 * Who somebody is, by name and password and one-time code. Whatever is wrong, the answer is the same, takes the same work, and comes the
 * later the more often it was wrong.
 */
export class PasswordLogin {
  constructor(private readonly parts: LoginParts) {}

  /** @throws IdentityFault 10125, 429, 503 */
  async prove(given: NameAndSecret, attempt: Attempt): Promise<Proven> {
    const { queue, late } = this.parts;
    const proven = await queue.run(() => {
      if (attempt.signal?.aborted === true) throw unavailable('nobody waits for this login any more');
      return this.check(given, attempt);
    });
    if (typeof proven !== 'number') return proven;
    await late.wait(proven, attempt.signal);
    throw wrongCredentials();
  }

  /** The second step. @throws IdentityFault 10125, 429, 503 */
  async proveStep(transactionId: string, code: string, attempt: Attempt): Promise<IdentityUser> {
    const { logins, late } = this.parts;
    const userId = await logins.stepOf(attempt.type, transactionId);
    const found = userId === null ? null : await this.parts.users.byId(attempt.type, userId);
    const name = found?.name ?? `step ${transactionId}`;
    const begun = await this.begin(name, attempt);
    const isRight = await this.settled(begun, async () => {
      if (found === null || found.user.disabled || begun.isLocked) return 'failed';
      if (!(await this.parts.otp.use(found.user.id, code))) return 'failed';
      return (await logins.endStep(transactionId)) ? 'succeeded' : 'failed';
    });
    if (isRight.failures === null) return found!.user;
    await late.wait(isRight.failures, attempt.signal);
    throw wrongCredentials();
  }

  /** A one-time code of a user who is logged in: a wrong one counts as a failed login. @throws IdentityFault 10125, 429, 503 */
  async proveCode(user: IdentityUser, attempt: Attempt, use: () => Promise<boolean>): Promise<void> {
    const begun = await this.begin(foldedName(user.username), attempt);
    const { failures } = await this.settled(begun, async () =>
      !begun.isLocked && (await use()) ? 'succeeded' : 'failed',
    );
    if (failures === null) return;
    await this.parts.late.wait(failures, attempt.signal);
    throw wrongCredentials();
  }

  /** Failures of the name by now where it is wrong. */
  private async check({ name, text, kind, otp }: NameAndSecret, attempt: Attempt): Promise<Proven | number> {
    const { users, hashes, logins } = this.parts;
    // What is no name is nobody's, and asked for all the same.
    const folded = nameProblem(name) === null ? foldedName(name) : name;
    const begun = await this.begin(folded, attempt);
    let step: string | null = null;
    let user: IdentityUser | null = null;
    const { failures } = await this.settled(begun, async () => {
      const proof = await users.proofOf(attempt.type, storable(folded));
      const hash = kind === 'password' ? proof.passwordHash : proof.secretHash;
      const { isRight, isOld } = await hashes.check(text.slice(0, MOST_TEXT), begun.isLocked ? null : hash);
      if (!isRight || text.length > MOST_TEXT || proof.user === null || proof.user.disabled) return 'failed';
      user = proof.user;
      if (isOld && kind === 'password') await users.rehash(user.id, hash!, await hashes.make(text));
      if (!user.hasOtp || kind === 'secret') return 'succeeded';
      if (otp !== null) return (await this.parts.otp.use(user.id, otp)) ? 'succeeded' : 'failed';
      step = await logins.beginStep(user.id);
      // Half of a login: it must not pay for guesses at the other half.
      return 'released';
    });
    if (failures !== null) return failures;
    return step === null ? { kind: 'proven', user: user! } : { kind: 'step', transactionId: step };
  }

  private begin(name: string, { type, address, limits }: Attempt): Promise<Try> {
    return this.parts.attempts.begin(nameKey(type, name), address, limits);
  }

  /** Failures of the name where it failed, else null. What breaks the check is no failure of whoever tries. */
  private async settled(
    begun: Try,
    check: () => Promise<'failed' | 'succeeded' | 'released'>,
  ): Promise<{ readonly failures: number | null }> {
    const { attempts } = this.parts;
    let outcome;
    try {
      outcome = await check();
    } catch (error) {
      // The database is away, most likely: then it counts the try when it is stale.
      await attempts.settle(begun, 'released').catch(() => undefined);
      throw error;
    }
    const failures = await attempts.settle(begun, outcome);
    return { failures: outcome === 'failed' ? failures : null };
  }
}

/** Postgres keeps no NUL, and no half of a character. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{fffd}').slice(0, 1024);
}
