import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AesSecretBox, Database, ENTITIES } from '../storage/built.js';
import { bearer, IdentityWorld, said, tokensOf, WAYS } from '../support/identity-world.js';

const KEY = randomBytes(24).toString('base64url');
const data = mkdtempSync(join(tmpdir(), 'sluice-reuse-'));
let world: IdentityWorld;
beforeAll(async () => {
  world = await IdentityWorld.start({ settings: { 'data.folder': data, 'secrets.key': KEY } });
}, 60_000);
afterAll(async () => {
  await world.close();
  rmSync(data, { recursive: true, force: true });
}, 60_000);

/** While the gateway is down: what was exchanged was exchanged eleven seconds before. */
async function age(): Promise<void> {
  const database = new Database({
    ...{ url: null, folder: join(data, 'postgres'), entities: [...ENTITIES], log: () => undefined },
    ...{ box: new AesSecretBox([Buffer.from(KEY)]), hasGeneratedKey: false },
  });
  const source = await database.open();
  await source.query(`UPDATE refresh_tokens SET rotated_at = rotated_at - interval '11 seconds'`);
  await database.close();
}

const refresh = (way: string, refreshToken: string) =>
  world.flow(`refresh/main_${way}`, { body: { refresh_token: refreshToken } });

describe('a restart', () => {
  it('keeps logins and what was revoked, and old refresh tokens end their logins ten seconds later', async () => {
    const logins = await Promise.all(
      WAYS.map(async (way) => {
        const [old, kept, left] = [1, 2, 3].map(() => world.tokens(`main_${way}`));
        const next = tokensOf(await refresh(way, (await old!).refreshToken));
        await world.flow(`logout/main_${way}`, { headers: bearer((await left!).token) });
        return { way, next, old: await old!, kept: await kept!, left: await left! };
      }),
    );
    await world.restart(age);
    for (const { way, old, next, kept, left } of logins) {
      expect((await world.get(`main_${way}/admins`, bearer(next.token))).status).toBe(200);
      expect(said(await world.get(`main_${way}/admins`, bearer(left.token)))).toEqual([401, 'invalid token']);
      expect((await refresh(way, kept.refreshToken)).status).toBe(200);
      world.calls.length = 0;
      expect(said(await refresh(way, old.refreshToken))).toEqual([401, 'invalid token']);
      expect(said(await refresh(way, next.refreshToken))).toEqual([401, 'invalid token']);
      expect(said(await world.flow(`refresh/main_${way}`, { headers: bearer(next.token) }))).toEqual([
        401,
        'invalid token',
      ]);
      expect(world.calls).toEqual([]);
    }
  }, 60_000);
});
