import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SEED_USERS, type SeedUser } from './seed.js';

export interface IdentitySettings {
  readonly port: number;
  readonly host: string;
  readonly types: readonly string[];
  readonly users: readonly SeedUser[];
}

/**
 * `--port` before `IDENTITY_SERVER_PORT` before the default, and so on. Users are a JSON file, or in the environment the
 * JSON itself. @throws Error that says what is wrong, without a word of what stands in the users.
 */
export function readSettings(
  args: readonly string[],
  env: Readonly<Partial<Record<string, string>>>,
): IdentitySettings {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { port: text, host: text, types: text, users: text } });
  const setting = (name: keyof typeof values) => values[name] || env[`IDENTITY_SERVER_${name.toUpperCase()}`] || null;
  const port = setting('port') ?? '1236';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`"${port}" is no port`);
  const users = setting('users');
  return {
    port: Number(port),
    host: setting('host') ?? '127.0.0.1',
    types: (setting('types') ?? 'user,guest').split(',').map((type) => type.trim()),
    users: users === null ? SEED_USERS : readUsers(users),
  };
}

function readUsers(given: string): readonly SeedUser[] {
  const isInline = given.trimStart().startsWith('[');
  const place = isInline ? 'IDENTITY_SERVER_USERS' : given;
  const users = parse(isInline ? given : readFileSync(given, 'utf8'), place);
  if (!Array.isArray(users)) throw new Error(`${place} holds no list of users`);
  for (const [index, user] of (users as Partial<SeedUser>[]).entries()) {
    if (typeof user?.username !== 'string' || typeof user.password !== 'string')
      throw new Error(`user ${index} of ${place} has no username or no password`);
  }
  return users as readonly SeedUser[];
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Node's own message shows a part of the text.
    throw new Error(`${place} holds no JSON`);
  }
}
