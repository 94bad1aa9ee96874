import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { SessionSweeper } from '../../src/sessions/session-sweeper.js';
import type { DatabasePlace } from '../storage/database-place.js';
import { SessionReplicas, type SessionReplica } from './session-replicas.js';

/** What holds of sessions when much happens at once, whatever the database. @param origins that four replicas touch at once */
export function sessionStormSuite(aPlace: () => Promise<DatabasePlace>, origins: number): void {
  let place: DatabasePlace;
  let replicas: SessionReplicas;
  let [here, there]: SessionReplica[] = [];
  let source: DataSource;
  beforeAll(async () => {
    place = await aPlace();
    replicas = new SessionReplicas(place);
    [here, there] = [replicas.add(), replicas.add()];
    source = await replicas.source();
  });
  afterAll(async () => {
    await replicas.close();
    await place.remove();
  });
  afterEach(() => source.query('DELETE FROM sessions'));
  const count = async (): Promise<number> => {
    const rows = await source.query<{ count: number }[]>('SELECT count(*)::int AS count FROM sessions');
    return rows[0]!.count;
  };

  describe('four replicas', () => {
    it(`that touch and extend ${origins} origins at once lose none and double none`, async () => {
      const four = [here!, there!, replicas.add(), replicas.add()];
      const names = Array.from({ length: origins }, (_, index) => `${index}`);
      const ids = new Map<string, Set<string>>(names.map((name) => [name, new Set()]));
      const order = (replica: number): string[] => (replica % 2 === 0 ? names : [...names].reverse());
      let statements = 0;
      const work = four.map(async (replica, index) => {
        const mine = order(index);
        for (let from = 0; from < mine.length; from += 200) {
          const batch = mine.slice(from, from + 200);
          const sessions = await Promise.all(batch.map((name) => replica.touch(name)));
          sessions.forEach(({ id }, at) => ids.get(batch[at]!)!.add(id));
          const before = replica.statements;
          const list = batch.map((name) => `user-${name}`).reverse();
          const { code, payload } = await replica.ask('/extendList', { parameters: { list } });
          expect([code, payload]).toEqual([null, { extended: batch.length, missing: [] }]);
          statements += replica.statements - before;
        }
      });
      await Promise.all(work);
      expect([...ids.values()].filter((each) => each.size !== 1)).toEqual([]);
      expect(new Set([...ids.values()].flatMap((each) => [...each])).size).toBe(origins);
      expect(await count()).toBe(origins);
      // One for each batch; a deadlock, which the order of locks rules out, would have taken another.
      expect(statements).toBe(4 * Math.ceil(origins / 200));
    });
  });

  describe('the sweep', () => {
    const sweep = (): Promise<void> =>
      new SessionSweeper({ hasOpened: true, rows: (sql, values) => source.query(sql, values) }).sweep();
    it('takes out what has ended, in batches, and nothing else', async () => {
      await source.query(
        `INSERT INTO sessions (origin_key, id, begun_at, expires_at)
         SELECT 'user-' || n, gen_random_uuid(), now(), now() - interval '1 second' FROM generate_series(1, 12000) AS n`,
      );
      const { id } = await here!.touch('1');
      await sweep();
      expect([await count(), (await here!.touch('1')).id]).toEqual([1, id]);
    });
    it('beside touches of what has ended loses none', async () => {
      for (let round = 0; round < 5; round++) {
        await source.query(`UPDATE sessions SET expires_at = now() - interval '1 second'`);
        const touches = Array.from({ length: 50 }, (_, index) => here!.touch(`${index}`));
        const [sessions] = await Promise.all([Promise.all(touches), sweep(), sweep()]);
        const again = await Promise.all(sessions.map((_, index) => there!.touch(`${index}`)));
        expect(again.map(({ id }) => id)).toEqual(sessions.map(({ id }) => id));
      }
    });
  });
}
