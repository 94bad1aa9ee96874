import type { UserChange } from '../../contracts/identities.js';
import type { JsonObject } from '../../contracts/json.js';
import { badInput, missing } from '../identity-faults.js';
import type { Import } from '../identity-server.js';
import { isBearable, writePbkdf2 } from '../passwords/pbkdf2-hash.js';
import { readHash } from '../passwords/password-hashes.js';
import { namedUser, type ActionCall, type IdentityAction } from './action-call.js';
import { booleanOf, isMembers, membersAt, numberOf, textOf, textsOf, valueAt, type Members } from './event-members.js';
import { keyRecord, userRecord } from './identity-answers.js';

const MOST_TEXT = 16_384;
const MOST_SKIP = 10_000_000;
const MOST_LISTED = 1000;
const LISTED = 100;

/** What a record says of a user, whether as `{id, data: {profile, credential, access}}` or flat. */
class UserGiven {
  private readonly places: readonly Members[];

  constructor(private readonly parameters: Members) {
    const data = membersAt(parameters, 'data');
    this.places = [membersAt(data, 'credential'), membersAt(data, 'access'), data, parameters];
  }

  text(name: string): string | null {
    return textOf(this.value(name), name, MOST_TEXT);
  }

  roles(): readonly string[] | null {
    return textsOf(this.value('roles'), 'roles');
  }

  disabled(): boolean | null {
    return booleanOf(this.value('disabled'), 'disabled');
  }

  profile(): JsonObject | null {
    const profile = this.value('profile');
    if (profile === undefined) return null;
    if (!isMembers(profile)) throw badInput('profile is no object');
    return profile as JsonObject;
  }

  /** A password that somebody else has hashed: `passwordHash` in a form that tells its algorithm, or the original's hash and salt. */
  passwordHash(iterationsByDefault: number | null): string | null {
    const whole = this.text('passwordHash');
    if (whole !== null && readHash(whole) === null)
      throw badInput('passwordHash is $argon2id$v=19$m=…,t=…,p=…$salt$tag or $pbkdf2-sha256$i=…$salt$key');
    const [hash, salt] = [this.text('hash'), this.text('salt')];
    if (whole !== null || hash === null) return whole;
    const iterations = numberOf(this.value('iterations'), 'iterations', 1, 10_000_000) ?? iterationsByDefault;
    if (iterations === null || salt === null)
      throw badInput('hash needs salt and iterations (or auth.iterations of the system)');
    const given = { kind: 'pbkdf2', iterations, salt: bytesOf(salt, 'salt'), tag: bytesOf(hash, 'hash') } as const;
    if (!isBearable(given)) throw badInput('hash has 12 to 512 bytes, and salt 1 to 128');
    return writePbkdf2(given);
  }

  private value(name: string): unknown {
    for (const place of this.places) {
      const value = valueAt(place, name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/** Hexadecimal or base64. */
function bytesOf(text: string, label: string): Buffer {
  if (/^(?:[\da-f]{2})+$/i.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return Buffer.from(text, 'base64');
  throw badInput(`${label} is neither base64 nor hexadecimal`);
}

async function register({ type, input, server }: ActionCall): Promise<object> {
  const given = new UserGiven(input.parameters);
  const username = given.text('username');
  if (username === null) throw missing('username');
  const more: Import = {
    id: textOf(valueAt(input.parameters, 'id'), 'id', 128),
    passwordHash: given.passwordHash(server.settings.pbkdf2Iterations),
    secret: given.text('secret'),
  };
  const user = await server.createUser(
    {
      ...{ type, username, password: given.text('password') },
      ...{ profile: given.profile() ?? {}, roles: given.roles() ?? [], disabled: given.disabled() ?? false },
    },
    more,
  );
  return userRecord(user);
}

async function changed(call: ActionCall, change: UserChange & { readonly secret?: string }): Promise<object> {
  const { id } = await namedUser(call);
  return userRecord(await call.server.changeUser(id, change, null));
}

function setProfile(call: ActionCall): Promise<object> {
  const profile = new UserGiven(call.input.parameters).profile();
  if (profile === null) throw missing('profile');
  return changed(call, { profile });
}

function setCredential(call: ActionCall): Promise<object> {
  const given = new UserGiven(call.input.parameters);
  const [username, password, secret] = [given.text('username'), given.text('password'), given.text('secret')];
  if (username === null && password === null && secret === null) throw missing('password');
  return changed(call, {
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(secret !== null && { secret }),
  });
}

function setAccess(call: ActionCall): Promise<object> {
  const given = new UserGiven(call.input.parameters);
  const [roles, disabled] = [given.roles(), given.disabled()];
  if (roles === null && disabled === null) throw missing('roles');
  return changed(call, { ...(roles !== null && { roles }), ...(disabled !== null && { disabled }) });
}

async function list({ type, input, server }: ActionCall): Promise<object> {
  const { skip, limit } = page(input.parameters);
  const search = textOf(valueAt(input.parameters, 'search'), 'search', 256) ?? '';
  const { list: users, total } = await server.parts.users.list({ type, search, skip, limit });
  return { list: users.map(userRecord), total };
}

async function remove(call: ActionCall): Promise<object> {
  const { id } = await namedUser(call);
  await call.server.parts.users.remove(id, null);
  return { deleted: id };
}

async function logout(call: ActionCall): Promise<object> {
  const { id } = await namedUser(call);
  return { id, ended: await call.server.parts.logins.endAll(id) };
}

/** `{id, roles, name, expires}` → `{id, key}`: the key is told once. */
async function createKey(call: ActionCall): Promise<object> {
  const { parameters } = call.input;
  const user = await namedUser(call);
  const { id, key } = await call.server.createKey({
    ...{ user: user.id, name: textOf(valueAt(parameters, 'name'), 'name', 256) },
    ...{
      roles: textsOf(valueAt(parameters, 'roles'), 'roles'),
      expires: textOf(valueAt(parameters, 'expires'), 'expires', 64),
    },
  });
  return { id, key };
}

/** Of one user, or of all. */
async function listKeys({ type, input, server }: ActionCall): Promise<object> {
  const user = textOf(valueAt(input.parameters, 'id'), 'id', 128);
  const { list: keys, total } = await server.parts.keys.list({
    ...{ type, ...page(input.parameters) },
    ...(user !== null && { user }),
  });
  return { list: keys.map(keyRecord), total };
}

/** `{key}` or `{id}`: id of the key. */
async function deleteKey({ type, input, server }: ActionCall): Promise<object> {
  const { parameters } = input;
  const id = textOf(valueAt(parameters, 'key') ?? valueAt(parameters, 'id'), 'id', 128);
  if (id === null) throw missing('id');
  await server.parts.keys.remove(id, { type });
  return { deleted: id };
}

function page(parameters: Members): { readonly skip: number; readonly limit: number } {
  return {
    skip: numberOf(valueAt(parameters, 'skip'), 'skip', 0, MOST_SKIP) ?? 0,
    limit: numberOf(valueAt(parameters, 'limit'), 'limit', 1, MOST_LISTED) ?? LISTED,
  };
}

/** Administration of users, for a channel whose rules let only administrators in: `/auth/{type}/user/{action}`. */
export const USER_ACTIONS: Readonly<Record<string, IdentityAction>> = {
  register,
  list,
  get: async (call) => userRecord(await namedUser(call)),
  delete: remove,
  logout,
  setProfile,
  setCredential,
  setAccess,
  createKey,
  listKeys,
  deleteKey,
};
