import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SEED_USERS } from './seed.js';
import { readSettings } from './settings.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'identity-settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

const EVE = [{ username: 'eve', password: 'a-secret' }];

describe('settings of the identity server', () => {
  it('have defaults', () => {
    expect(readSettings([], {})).toEqual({
      port: 1236,
      host: '127.0.0.1',
      types: ['user', 'guest'],
      users: SEED_USERS,
    });
  });

  it('come from arguments before the environment', () => {
    const env = { IDENTITY_SERVER_PORT: '1', IDENTITY_SERVER_TYPES: 'user, robot' };
    expect(readSettings(['--port', '0'], env)).toMatchObject({ port: 0, types: ['user', 'robot'] });
  });

  it('take users from a file, or from the environment as they are', async () => {
    const file = join(folder, 'users.json');
    await writeFile(file, JSON.stringify(EVE));
    expect(readSettings(['--users', file], {}).users).toEqual(EVE);
    expect(readSettings([], { IDENTITY_SERVER_USERS: JSON.stringify(EVE) }).users).toEqual(EVE);
  });

  it.each([
    [['--port', '70000'], {}, '"70000" is no port'],
    [['--other'], {}, 'other'],
    [
      [],
      { IDENTITY_SERVER_USERS: '[{"username": "eve", "password": "a-secret"' },
      'IDENTITY_SERVER_USERS holds no JSON',
    ],
    [[], { IDENTITY_SERVER_USERS: '[{"username": "eve", "secret": "a-secret"}]' }, 'user 0 of IDENTITY_SERVER_USERS'],
  ])('are refused where they are wrong, without a secret: %j %j', (args, env, message) => {
    expect(() => readSettings(args, env)).toThrow(message);
    expect(() => readSettings(args, env)).not.toThrow('a-secret');
  });
});
