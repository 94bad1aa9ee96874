import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { LedgerUnavailable } from '../../src/contracts/token-ledger.js';
import { AesSecretBox } from '../../src/secrets/aes-secret-box.js';
import { resealFamilies } from '../../src/tokens/ledger/reseal-families.js';
import type { StoredTokenLedger } from '../../src/tokens/ledger/stored-token-ledger.js';
import { until } from '../support/until.js';
import { KEY, OTHER_KEY, type DatabasePlace } from './database-place.js';
import { digestOf, facts, HOUR_MS, LedgerReplicas, type LedgerReplica } from './ledger-replicas.js';

/** What holds of the ledger of tokens, whatever database it has. */
export function tokenLedgerSuite(aPlace: () => Promise<DatabasePlace>): void {
  let place: DatabasePlace;
  let replicas: LedgerReplicas;
  let [one, other]: LedgerReplica[] = [];
  let [here, there]: StoredTokenLedger[] = [];
  let source: DataSource;
  const extra: LedgerReplica[] = [];
  beforeAll(async () => {
    place = await aPlace();
    replicas = new LedgerReplicas(place);
    [one, other] = [await replicas.add(), await replicas.add()];
    [here, there] = [one.ledger, other.ledger];
    source = await replicas.source();
  });
  afterEach(async () => {
    replicas.ether.isCut = false;
    for (const replica of extra.splice(0)) await replicas.stop(replica);
  });
  afterAll(async () => {
    await replicas.close();
    await place.remove();
  });
  const another = async (how?: Parameters<LedgerReplicas['add']>[0]): Promise<LedgerReplica> => {
    const replica = await replicas.add(how);
    extra.push(replica);
    return replica;
  };

  /** A login with a token of its own; each test has one. */
  let token = '';
  beforeEach(async () => {
    token = randomUUID();
    await here!.begin(token, facts());
  });
  const answer = { body: '{"access_token":"a"}' };
  const claimed = async (ledger: StoredTokenLedger, refreshToken = token): Promise<string> => {
    const use = await ledger.use(refreshToken);
    if (use.kind !== 'current') throw new Error(`It is ${use.kind}.`);
    return use.family;
  };
  const rotate = async (ledger: StoredTokenLedger, from: string, to: string): Promise<void> =>
    ledger.rotated(await claimed(ledger, from), from, to, answer);
  const kinds = async (...tokens: string[]): Promise<string[]> => {
    const uses = [];
    for (const each of tokens) for (const ledger of [here!, there!]) uses.push((await ledger.use(each)).kind);
    return uses;
  };
  const age = (refreshToken: string, column: 'used_at' | 'rotated_at', seconds: number): Promise<unknown> =>
    source.query(`UPDATE refresh_tokens SET ${column} = ${column} - make_interval(secs => $2) WHERE digest = $1`, [
      digestOf(refreshToken),
      seconds,
    ]);

  describe('a refresh token', () => {
    it('is current at every replica, with what its login says', async () => {
      const begunAtMs = Date.now() - 1234;
      const said = { tokenKind: 'shop', begunAtMs, endsAtMs: begunAtMs + HOUR_MS, content: '{"name":"Ünal\\u0000"}' };
      await here!.begin(`${token}b`, said);
      expect(await there!.use(`${token}b`)).toEqual({ kind: 'current', family: expect.any(String), facts: said });
    });
    it('stands in the database as a digest, what belongs to it sealed', async () => {
      await rotate(here!, token, `${token}2`);
      const rows: unknown = await source.query(
        `SELECT f.*, t.* FROM refresh_tokens t JOIN token_families f ON f.id = t.family WHERE t.digest = $1`,
        [digestOf(token)],
      );
      const text = JSON.stringify(rows);
      expect(text).toMatch(/"content_sealed":"sealed:.*"answer_sealed":"sealed:/);
      for (const secret of [token, 'ann', 'access_token']) expect(text).not.toContain(secret);
    });
    it('that nobody gave, or whose login has run out, is unknown', async () => {
      await here!.begin(`${token}late`, { ...facts(), endsAtMs: Date.now() - 1000 });
      expect(await kinds(`${token}no`, `${token}late`, '', "'; DROP TABLE refresh_tokens")).toEqual(
        Array.from({ length: 8 }, () => 'unknown'),
      );
    });
    it('that was sealed with a key that is gone is unknown', async () => {
      const { ledger } = await another({ key: OTHER_KEY });
      expect(await ledger.use(token)).toEqual({ kind: 'unknown' });
    });
    it('goes on after `sluice secrets reencrypt` with the new key alone', async () => {
      await source.transaction((manager) => resealFamilies(manager, new AesSecretBox([OTHER_KEY, KEY])));
      const { ledger } = await another({ key: OTHER_KEY });
      expect(await ledger.use(token)).toMatchObject({ kind: 'current', facts: { content: '{"sub":"ann"}' } });
      // The other tests go on with the key before.
      await source.transaction((manager) => resealFamilies(manager, new AesSecretBox([KEY, OTHER_KEY])));
    });
    it('goes on alone with a provider that gives the same again', async () => {
      for (let times = 0; times < 3; times++) await rotate(times === 1 ? there! : here!, token, token);
      expect((await here!.use(token)).kind).toBe('current');
    });
    it('that a provider gives anew belongs to the new login', async () => {
      const before = await claimed(here!);
      await there!.begin(token, facts());
      expect(await claimed(there!)).not.toBe(before);
    });
  });

  describe('two who use one token at the same time', () => {
    it.each([
      ['at one replica', () => [here!, here!]],
      ['at two', () => [here!, there!]],
    ])('%s: one may rotate it, the other gets the same answer', async (_where, ledgers) => {
      const answers = await Promise.all(
        ledgers().map(async (ledger) => {
          const use = await ledger.use(token);
          if (use.kind !== 'current') return use;
          await new Promise((soon) => setTimeout(soon, 100));
          await ledger.rotated(use.family, token, `${token}2`, answer);
          return use;
        }),
      );
      expect(answers.map(({ kind }) => kind).sort()).toEqual(['current', 'repeated']);
      expect(answers.find(({ kind }) => kind === 'repeated')).toEqual({ kind: 'repeated', answer });
    });
    it('of a hundred one is first', async () => {
      const uses = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const ledger = index % 2 === 0 ? here! : there!;
          const use = await ledger.use(token);
          if (use.kind === 'current') await ledger.rotated(use.family, token, `${token}2`, answer);
          return use.kind;
        }),
      );
      expect(uses.filter((kind) => kind === 'current')).toHaveLength(1);
      expect(uses.filter((kind) => kind === 'repeated')).toHaveLength(99);
    });
    it('the other may rotate it where the first could not', async () => {
      const family = await claimed(here!);
      const waiting = there!.use(token);
      await here!.released(family, token);
      expect((await waiting).kind).toBe('current');
    });
    it('the other is told to come again where the first takes more than 3 s', async () => {
      await claimed(here!);
      await expect(there!.use(token)).rejects.toThrow(LedgerUnavailable);
    });
    it('the first may be gone for good: after 15 s the token is current again', async () => {
      const family = await claimed(here!);
      await age(token, 'used_at', 16);
      expect(await claimed(there!)).toBe(family);
      await there!.rotated(family, token, `${token}2`, answer);
      // The one that was given up comes back: its answer must not go out.
      await expect(here!.rotated(family, token, `${token}3`, answer)).rejects.toThrow(LedgerUnavailable);
      await here!.released(family, token);
      expect(await kinds(token, `${token}3`)).toEqual(['repeated', 'repeated', 'unknown', 'unknown']);
    });
  });

  describe('an old token', () => {
    it('gets the same answer for 10 s, and the new one goes on', async () => {
      await rotate(here!, token, `${token}2`);
      await age(token, 'rotated_at', 9);
      expect(await there!.use(token)).toEqual({ kind: 'repeated', answer });
      await rotate(there!, `${token}2`, `${token}3`);
      expect((await here!.use(`${token}3`)).kind).toBe('current');
    });
    it('ends the login for all when it comes after that', async () => {
      const before = here!.families.reused + there!.families.reused;
      await rotate(here!, token, `${token}2`);
      await age(token, 'rotated_at', 11);
      expect(await there!.use(token)).toEqual({ kind: 'reused' });
      expect(await kinds(token, `${token}2`)).toEqual(['reused', 'reused', 'reused', 'reused']);
      expect(here!.families.reused + there!.families.reused - before).toBe(1);
    });
  });

  describe('a logout', () => {
    it('ends the login at every replica, by any of its tokens', async () => {
      await rotate(here!, token, `${token}2`);
      await there!.end(digestOf(token));
      expect(await kinds(token, `${token}2`)).toEqual(['reused', 'reused', 'reused', 'reused']);
    });
    it('during a refresh keeps its answer from going out', async () => {
      const family = await claimed(here!);
      await there!.end(digestOf(token));
      await expect(here!.rotated(family, token, `${token}2`, answer)).rejects.toThrow(LedgerUnavailable);
      await expect(here!.rotated(family, token, token, answer)).rejects.toThrow(LedgerUnavailable);
      expect(await kinds(token, `${token}2`)).toEqual(['reused', 'reused', 'unknown', 'unknown']);
    });
    it('with a token that nobody knows does nothing', async () => {
      await here!.end(digestOf(`${token}no`));
      expect((await here!.use(token)).kind).toBe('current');
    });
  });

  describe('a revoked token', () => {
    let digest = '';
    beforeEach(() => {
      digest = digestOf(randomUUID());
    });

    it('is refused at once here, and told of once, at every replica', async () => {
      const told: string[] = [];
      for (const ledger of [here!, there!]) ledger.onRevoked((each) => void (each === digest && told.push(each)));
      const revoking = here!.revoke(digest, Date.now() + HOUR_MS);
      expect(here!.isRevoked(digest)).toBe(true);
      await revoking;
      await here!.revoke(digest, Date.now() + HOUR_MS);
      expect([there!.isRevoked(digest), told]).toEqual([true, [digest, digest]]);
    });
    it('is refused at the other replica within a second, also where no message comes', async () => {
      expect(there!.isRevoked(digest)).toBe(false);
      replicas.ether.isCut = true;
      await here!.revoke(digest, Date.now() + HOUR_MS);
      const since = performance.now();
      await until(() => there!.isRevoked(digest));
      expect(performance.now() - since).toBeLessThan(1000);
    });
    it('is refused after a restart', async () => {
      await here!.revoke(digest, Date.now() + HOUR_MS);
      const { ledger } = await another();
      expect(ledger.isRevoked(digest)).toBe(true);
    });
    it('may be revoked by both at once, and many with it', async () => {
      const many = Array.from({ length: 2000 }, () => digestOf(randomUUID()));
      await Promise.all(
        [here!, there!].flatMap((ledger) => many.map((each) => ledger.revoke(each, Date.now() + HOUR_MS))),
      );
      const { ledger } = await another();
      expect(many.filter((each) => !ledger.isRevoked(each))).toEqual([]);
    });
  });

  describe('with the store away', () => {
    afterEach(() => {
      one!.reach.isAway = false;
    });

    it('logins and refreshes are not to be had, and are again when it is back', async () => {
      const family = await claimed(here!);
      one!.reach.isAway = true;
      await expect(here!.begin(`${token}x`, facts())).rejects.toThrow(LedgerUnavailable);
      await expect(here!.use(token)).rejects.toThrow(LedgerUnavailable);
      await expect(here!.rotated(family, token, `${token}2`, answer)).rejects.toThrow(LedgerUnavailable);
      await here!.released(family, token);
      expect(here!.store.problem).toBe('away');
      one!.reach.isAway = false;
      await here!.rotated(family, token, `${token}2`, answer);
      expect([here!.store.problem, (await here!.use(`${token}2`)).kind]).toEqual([null, 'current']);
    });
    it('what was known stays refused, what is revoked is too, and is written when it is back', async () => {
      const [known, late] = [digestOf(randomUUID()), digestOf(randomUUID())];
      await here!.revoke(known, Date.now() + HOUR_MS);
      replicas.ether.isCut = true;
      one!.reach.isAway = true;
      await here!.revoke(late, Date.now() + HOUR_MS);
      await here!.end(digestOf(token));
      expect([known, late].map((digest) => here!.isRevoked(digest))).toEqual([true, true]);
      expect([here!.pending.size, there!.isRevoked(late)]).toEqual([2, false]);
      one!.reach.isAway = false;
      await until(() => here!.pending.size === 0 && there!.isRevoked(late));
      expect((await there!.use(token)).kind).toBe('reused');
    });
    it('what others revoked meanwhile is refused when it is back', async () => {
      const digest = digestOf(randomUUID());
      here!.isRevoked(digest);
      replicas.ether.isCut = true;
      one!.reach.isAway = true;
      await until(() => here!.store.problem !== null);
      await there!.revoke(digest, Date.now() + HOUR_MS);
      one!.reach.isAway = false;
      await until(() => here!.isRevoked(digest));
    });
    it('at the start, what was revoked before is known once it is back', async () => {
      const digest = digestOf(randomUUID());
      await here!.revoke(digest, Date.now() + HOUR_MS);
      const { ledger, reach } = await another({ isAway: true });
      expect([ledger.isRevoked(digest), ledger.store.problem]).toEqual([false, 'away']);
      reach.isAway = false;
      await until(() => ledger.isRevoked(digest));
    });
  });

  describe('what nobody asks for any more', () => {
    const counts = async (): Promise<unknown> =>
      (
        await source.query<unknown[]>(
          `SELECT (SELECT count(*) FROM revoked_tokens)::int AS revoked, (SELECT count(*) FROM refresh_tokens)::int AS tokens,
             (SELECT count(*) FROM token_families)::int AS families,
             (SELECT count(*) FROM refresh_tokens WHERE answer_sealed IS NOT NULL)::int AS answers`,
        )
      )[0];

    it('is swept, in batches, and nothing else is', async () => {
      await source.query(`TRUNCATE token_families, refresh_tokens, revoked_tokens`);
      await here!.begin(token, facts());
      await rotate(here!, token, `${token}2`);
      await here!.revoke(digestOf('live'), Date.now() + HOUR_MS);
      await source.query(
        `INSERT INTO revoked_tokens SELECT 'r' || n, now() - interval '2 minutes', now() FROM generate_series(1, 2500) n`,
      );
      await source.query(
        `INSERT INTO token_families SELECT 'f' || n, 'shop', now(), now() + CASE WHEN n > 3 THEN interval '-2 minutes' ELSE '1 hour' END, '',
           CASE n WHEN 1 THEN now() - interval '25 hours' WHEN 2 THEN now() END FROM generate_series(1, 1500) n`,
      );
      await source.query(
        `INSERT INTO refresh_tokens SELECT 't' || n, 'f' || n, now(), NULL, NULL, NULL, f.ends_at
           FROM generate_series(1, 1500) n JOIN token_families f ON f.id = 'f' || n`,
      );
      await Promise.all([here!.sweeper.sweep(), there!.sweeper.sweep()]);
      expect(await counts()).toEqual({ revoked: 1, tokens: 4, families: 3, answers: 1 });
      await age(token, 'rotated_at', 12);
      await here!.sweeper.sweep();
      expect(await counts()).toEqual({ revoked: 1, tokens: 4, families: 3, answers: 0 });
    });
  });

  it('takes 1,000 logins at once', async () => {
    const tokens = Array.from({ length: 1000 }, (_, index) => `${token}/${index}`);
    const startedAt = performance.now();
    await Promise.all(tokens.map((each, index) => (index % 2 === 0 ? here! : there!).begin(each, facts(each))));
    process.stdout.write(`  1,000 logins at once: ${Math.round(performance.now() - startedAt)} ms\n`);
    const use = await there!.use(tokens[7]!);
    expect(use).toMatchObject({ kind: 'current', facts: { content: tokens[7] } });
    expect([here!.store.problem, there!.store.problem]).toEqual([null, null]);
  });
}
