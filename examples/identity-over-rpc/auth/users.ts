import { createHash } from 'node:crypto';
import { RunnerError, type Json, type JsonObject } from '../../runner-kit/index.js';
import { badInput } from './refusals.js';
import type { PasswordHash } from './passwords.js';

export interface User {
  readonly id: string;
  readonly type: string;
  readonly username: string;
  readonly password: PasswordHash;
  readonly roles: readonly string[];
  readonly profile: JsonObject;
  /** The one-time code of a user who needs one. A fixed one: this server is for trying out. */
  readonly otp: string | null;
}

const MAX_NAME_LENGTH = 256;
const MAX_EMAIL_LENGTH = 320;
const MAX_PROFILE_LENGTH = 16_384;

/** The users of all types, and whose each API key is. */
export class Users {
  private readonly byName = new Map<string, User>();
  private readonly byId = new Map<string, User>();
  private readonly idsByKeyDigest = new Map<string, string>();

  constructor(private readonly maxUsers: number) {}

  find(type: string, username: string): User | undefined {
    return this.byName.get(nameKey(type, username));
  }

  get(id: string): User | undefined {
    return this.byId.get(id);
  }

  findByApiKey(apiKey: string): User | undefined {
    return this.byId.get(this.idsByKeyDigest.get(digest(apiKey)) ?? '');
  }

  /** @throws RunnerError 400 for a bad name or profile, 409 for a taken one, 503 where no user has room. */
  add(user: User): User {
    checkName(user.username);
    if (JSON.stringify(user.profile).length > MAX_PROFILE_LENGTH) throw badInput('profile is too large');
    if (this.find(user.type, user.username) || this.byId.has(user.id)) throw new RunnerError(409, 'username is taken');
    if (this.byId.size >= this.maxUsers) throw new RunnerError(503, 'no room for another user');
    return this.keep(user);
  }

  /** Writes a user who may have changed; the name stays. */
  keep(user: User): User {
    this.byName.set(nameKey(user.type, user.username), user);
    this.byId.set(user.id, user);
    return user;
  }

  addApiKey(user: User, apiKey: string): void {
    this.idsByKeyDigest.set(digest(apiKey), user.id);
  }

  delete(user: User): void {
    this.byName.delete(nameKey(user.type, user.username));
    this.byId.delete(user.id);
    for (const [key, id] of this.idsByKeyDigest) if (id === user.id) this.idsByKeyDigest.delete(key);
  }
}

/** What a gateway learns of a user: `payload.user`. */
export function userAnswer({ id, username, roles, profile }: User): JsonObject {
  const email = emailOf(profile);
  return { id, username, roles: [...roles], profile, ...(email === undefined ? {} : { email }) };
}

export function emailOf(profile: JsonObject): string | undefined {
  const email: Json | undefined = profile['email'];
  return typeof email === 'string' && email.length <= MAX_EMAIL_LENGTH ? email : undefined;
}

/** `Ada` and `ada` are one user, and so is a name in full-width letters. */
const nameKey = (type: string, username: string) => `${type}/${username.normalize('NFKC').toLowerCase()}`;

/** Keys are looked up by digest, which takes no time that tells of the keys that there are. */
const digest = (secret: string) => createHash('sha256').update(secret).digest('base64url');

function checkName(username: string): void {
  const isGood =
    username.length <= MAX_NAME_LENGTH && username.trim() === username && !/[\p{Cc}\p{Cf}]/u.test(username);
  if (!isGood)
    throw badInput(`username has white space around it, control characters or more than ${MAX_NAME_LENGTH} characters`);
}
