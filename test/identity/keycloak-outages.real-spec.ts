import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import { bearer, said, tokensOf, type Tokens } from '../support/flow-answers.js';
import { until } from '../support/until.js';
import { KeycloakWorld } from './keycloak-world.js';
import { Keycloak, CLIENT } from './keycloak.js';

jest.setTimeout(300_000);

let world: KeycloakWorld;
beforeAll(async () => {
  world = await KeycloakWorld.start();
});
afterAll(() => world.close());

const loggedIn = async (): Promise<Tokens> => {
  const answer = await world.login('alice', 'wonder');
  expect(answer.status).toBe(200);
  return tokensOf(answer);
};
interface KeyProvider {
  readonly id: string;
  readonly name: string;
}
/** Keys of that priority sign from now on. */
async function addKeys(name: string, priority: string): Promise<void> {
  await world.keycloak.admin('POST', 'components', {
    ...{ name, providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider' },
    config: { priority: [priority], enabled: ['true'], active: ['true'], algorithm: ['RS256'], keySize: ['2048'] },
  });
}
async function removeKeys(...names: readonly string[]): Promise<void> {
  const listed = await world.keycloak.admin('GET', 'components?type=org.keycloak.keys.KeyProvider');
  for (const { id, name } of (await listed.json()) as KeyProvider[])
    if (names.includes(name)) await world.keycloak.admin('DELETE', `components/${id}`);
}
const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid;
const signingKid = async (): Promise<string> => {
  const alice = { grant_type: 'password', username: 'alice', password: 'wonder' };
  return kidOf((await world.keycloak.tokens(CLIENT.clientId, CLIENT.clientSecret, alice))['id_token'] as string);
};

describe('signing keys that change', () => {
  it('lose no login and no verified call, though requests run all the while', async () => {
    const statuses = new Map<string, number>();
    let running = true;
    const { token } = await loggedIn();
    const run = async (name: string, ask: () => Promise<{ status: number }>): Promise<void> => {
      while (running) {
        const { status } = await ask();
        const key = `${name} ${status}`;
        statuses.set(key, (statuses.get(key) ?? 0) + 1);
      }
    };
    const logins = (): number => statuses.get('login 200') ?? 0;
    const runs = [
      run('login', () => world.login('alice', 'wonder')),
      run('verified', () => world.get('verified', token)),
    ];
    await until(() => logins() >= 3);
    const before = await signingKid();
    await addKeys('second', '200');
    expect(await signingKid()).not.toBe(before);
    let seen = logins();
    await until(() => logins() >= seen + 5, 60_000);
    await addKeys('third', '300');
    await removeKeys('second');
    seen = logins();
    await until(() => logins() >= seen + 5, 60_000);
    running = false;
    await Promise.all(runs);
    expect([...statuses.keys()].sort()).toEqual(['login 200', 'verified 200']);
    await removeKeys('third');
  });
});

describe('a Keycloak that is killed', () => {
  it('is 502 to logins, refuses nobody who was let in, fails verified paths closed, and is back by itself', async () => {
    const { token, refreshToken } = await loggedIn();
    world.keycloak.kill();
    const away = [502, 'the backend cannot be reached'];
    await until(async () => isDeepStrictEqual(said(await world.login('alice', 'wonder')), away));
    expect((await world.flow('refresh/shop', { refresh_token: refreshToken })).status).toBe(502);
    expect((await world.get('any', token)).status).toBe(200);
    expect((await world.get('verified', token)).status).toBe(503);
    // What ends here ends; of the provider's failure the client is told.
    const other = await world.flow('logout/shop?thru=true', {}, bearer(token));
    expect(other.status).toBe(502);
    expect((await world.get('any', token)).status).toBe(401);
    Keycloak.start();
    const back = await world.login('alice', 'wonder');
    expect(back.status).toBe(200);
    expect((await world.get('verified', tokensOf(back).token)).status).toBe(200);
  });
  it('may be away when the gateway starts: channels serve, logins are 503 until it is there', async () => {
    world.keycloak.kill();
    const late = await KeycloakWorld.start({}, world.keycloak);
    try {
      const refused = await late.login('alice', 'wonder');
      expect(refused.status).toBe(503);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect((await late.get('any', '')).status).toBe(401);
      const { faults } = await late.gateway.health();
      expect(faults).toContainEqual(
        expect.objectContaining({ kind: 'token', id: 'shop', pointer: '/provider/issuer' }),
      );
      Keycloak.start();
      await until(async () => (await late.login('alice', 'wonder')).status === 200, 30_000);
      await late.gateway.until(async () => (await late.gateway.health()).faults.length === 0);
    } finally {
      await late.close();
    }
  });
});
