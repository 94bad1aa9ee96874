import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { IdentityUser } from '../../contracts/identities.js';
import type { BoundedStore } from '../../storage/bounded-store.js';
import { invalidToken, wrongCredentials } from '../identity-faults.js';
import { userOf } from '../users/stored-users.js';
import {
  BEGIN,
  BEGIN_STEP,
  END,
  END_ALL,
  END_BY_REFRESH,
  END_STEP,
  FIND_STEP,
  HOLDS,
  ROTATE,
  type HeldRow,
  type RotatedRow,
  type StepRow,
} from './login-statements.js';

export interface StoredLogin {
  readonly id: string;
  /** `{id}.{secret}`: only its digest is kept. */
  readonly refreshToken: string;
}

export interface RotatedLogin extends StoredLogin {
  readonly userId: string;
  readonly refreshSeconds: number;
}

export interface HeldLogin {
  readonly user: IdentityUser;
  /** Since somebody logged in. */
  readonly ageSeconds: number;
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
const REFRESH_TOKEN = /^([\da-f-]{36})\.([\w-]{43})$/;
/** Of the time between password and one-time code. */
const STEP_SECONDS = 300;
const TRANSACTION_ID = /^[\w-]{43}$/;

/** Logins of users: what access tokens hold by, and refresh tokens rotate. Each throws IdentityFault. */
export class StoredLogins {
  constructor(private readonly store: Pick<BoundedStore, 'rows'>) {}

  /** @throws IdentityFault 10125 where the user has been deleted or disabled meanwhile */
  async begin(userId: string, refreshSeconds: number): Promise<StoredLogin> {
    const login = freshLogin(randomUUID());
    const values = [login.id, userId, digest(login.refreshToken), refreshSeconds];
    if ((await this.store.rows(BEGIN, values)).length === 0) throw wrongCredentials();
    return login;
  }

  /** Whose login it is, if it holds, is that user's, and the user may log in. */
  async held(id: string, userId: string): Promise<HeldLogin | null> {
    if (!UUID.test(id)) return null;
    const [row] = await this.store.rows<HeldRow>(HOLDS, [id, userId]);
    return row === undefined ? null : { user: userOf(row), ageSeconds: row.ageSeconds };
  }

  /** The login goes on with a new token, which lives as long as the last one where nobody says otherwise. @throws IdentityFault 10125 for one that is unknown, used or expired */
  async rotate(type: string, refreshToken: string, seconds: number | null): Promise<RotatedLogin> {
    const login = freshLogin(loginOf(refreshToken));
    const values = [login.id, type, digest(refreshToken), digest(login.refreshToken), seconds];
    const [row] = await this.store.rows<RotatedRow>(ROTATE, values);
    if (row?.outcome !== 'rotated') throw invalidToken();
    return { ...login, userId: row.userId, refreshSeconds: row.seconds };
  }

  async end(id: string): Promise<boolean> {
    return UUID.test(id) && (await this.store.rows(END, [id])).length > 0;
  }

  async endByRefreshToken(refreshToken: string): Promise<boolean> {
    return (await this.store.rows(END_BY_REFRESH, [loginOf(refreshToken), digest(refreshToken)])).length > 0;
  }

  /** How many ended. */
  async endAll(userId: string): Promise<number> {
    const [row] = await this.store.rows<{ readonly count: number }>(END_ALL, [userId]);
    return row?.count ?? 0;
  }

  /** A login whose password was right: its transactionId, good for five minutes. */
  async beginStep(userId: string): Promise<string> {
    const transactionId = randomBytes(32).toString('base64url');
    await this.store.rows(BEGIN_STEP, [digest(transactionId), userId, STEP_SECONDS]);
    return transactionId;
  }

  /** Whose it is; null: nobody's. */
  async stepOf(type: string, transactionId: string): Promise<string | null> {
    if (!TRANSACTION_ID.test(transactionId)) return null;
    const [row] = await this.store.rows<StepRow>(FIND_STEP, [digest(transactionId), type]);
    return row?.userId ?? null;
  }

  /** False where it has ended meanwhile: it counts once. */
  async endStep(transactionId: string): Promise<boolean> {
    return (await this.store.rows(END_STEP, [digest(transactionId)])).length > 0;
  }
}

function freshLogin(id: string): StoredLogin {
  return { id, refreshToken: `${id}.${randomBytes(32).toString('base64url')}` };
}

/** @throws IdentityFault 10125 */
function loginOf(refreshToken: string): string {
  const [, id = ''] = REFRESH_TOKEN.exec(refreshToken) ?? [];
  if (!UUID.test(id)) throw invalidToken();
  return id;
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
