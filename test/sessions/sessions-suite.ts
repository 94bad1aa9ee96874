import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { DatabasePlace } from '../storage/database-place.js';
import { StoredSessionList } from '../../src/sessions/stored-session-list.js';
import { SessionReplicas, type Answer, type Session, type SessionReplica } from './session-replicas.js';

const TTL_MS = 60_000;

/** What each action of the built-in session server does, whatever database it has. */
export function sessionsSuite(aPlace: () => Promise<DatabasePlace>): void {
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

  /** A user and a guest of this test alone. */
  let [user, guest] = ['', ''];
  beforeEach(() => {
    [user, guest] = [randomUUID(), randomUUID()];
  });
  const databaseMs = async (): Promise<number> => {
    const rows = await source.query<{ ms: number }[]>(
      `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`,
    );
    return rows[0]!.ms;
  };
  const age = (key: string, seconds: number): Promise<unknown> =>
    source.query(
      `UPDATE sessions SET begun_at = begun_at - make_interval(secs => $2), expires_at = expires_at - make_interval(secs => $2)
       WHERE origin_key = $1`,
      [key, seconds],
    );
  const count = async (): Promise<number> => {
    const rows = await source.query<{ count: number }[]>('SELECT count(*)::int AS count FROM sessions');
    return rows[0]!.count;
  };
  const sessionOf = ({ payload }: Answer): Session => payload.session!;

  describe('the list of sessions', () => {
    const list = (query: { type?: string; origin?: string } = {}, skip = 0, limit = 100) =>
      new StoredSessionList(here!.store).list({ ...query, skip, limit });

    it('has those that have not ended, the newest first, page by page', async () => {
      const first = await here!.touch(user);
      const second = await here!.touch(guest);
      await here!.touch('gone');
      await Promise.all([age(`user-${user}`, 10), age('user-gone', 100)]);
      const { list: listed, total } = await list();
      expect([total, listed.map(({ id }) => id)]).toEqual([2, [second.id, first.id]]);
      expect(listed[1]).toEqual({
        ...{ id: first.id, type: 'user', origin: user },
        ...{ begunAt: expect.stringMatching(/Z$/), expiresAt: expect.stringMatching(/Z$/) },
      });
      expect((await list({}, 1, 1)).list.map(({ id }) => id)).toEqual([first.id]);
    });
    it('is of a type, of an id, or of both; neither is a pattern', async () => {
      await here!.touch(user);
      const totals = async (...queries: { type?: string; origin?: string }[]) =>
        (await Promise.all(queries.map((query) => list(query)))).map(({ total }) => total);
      expect(await totals({ type: 'user' }, { origin: user }, { type: 'user', origin: user })).toEqual([1, 1, 1]);
      expect(
        await totals({ type: 'use' }, { type: '%' }, { origin: user.slice(1) }, { origin: '%' }, { type: "' OR 1=1" }),
      ).toEqual([0, 0, 0, 0, 0]);
    });
    it('loses one that is ended by its id, once', async () => {
      const { id } = await here!.touch(user);
      const sessions = new StoredSessionList(there!.store);
      expect([await sessions.end(randomUUID()), await sessions.end(id), await sessions.end(id)]).toEqual([
        ...[false, true, false],
      ]);
      expect((await here!.touch(user)).id).not.toBe(id);
    });
  });

  describe('touch', () => {
    it('makes a session for an origin, and every replica finds it again', async () => {
      const before = await databaseMs();
      const first = await here!.touch(user);
      const after = await databaseMs();
      expect(first.id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      expect(Number.isInteger(first.expire)).toBe(true);
      expect(first.expire).toBeGreaterThanOrEqual(Math.floor(before) + TTL_MS);
      expect(first.expire).toBeLessThanOrEqual(after + TTL_MS);
      await age(`user-${user}`, 10);
      const second = sessionOf(await there!.ask('/', { origin: { id: user } }));
      expect([second.id, second.expire >= first.expire]).toEqual([first.id, true]);
    });
    it('makes a new one when the old has ended', async () => {
      const { id } = await here!.touch(user);
      await age(`user-${user}`, 60);
      expect((await here!.touch(user)).id).not.toBe(id);
      expect(await count()).toBe(1);
    });
    it('tells origins apart by type and id', async () => {
      const ids = [await here!.touch(user), await here!.touch(user, 'guest'), await here!.touch(guest)].map(
        ({ id }) => id,
      );
      expect(new Set(ids).size).toBe(3);
    });
    it('of one origin by many at once gives all the same session', async () => {
      const touches = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? here! : there!).touch(user));
      expect(new Set((await Promise.all(touches)).map(({ id }) => id)).size).toBe(1);
    });
    it('of an origin whose session has ended, by many at once, gives all the same new one', async () => {
      const { id } = await here!.touch(user);
      await age(`user-${user}`, 60);
      const touches = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? here! : there!).touch(user));
      const ids = new Set((await Promise.all(touches)).map((session) => session.id));
      expect([ids.size, ids.has(id)]).toEqual([1, false]);
    });
    it('keeps names as they are', async () => {
      const names = [
        "'; DROP TABLE sessions; --",
        'Ünal 😀',
        'u\u0308',
        'ü',
        'x'.repeat(256),
        '😀'.repeat(128),
        '%',
        'A',
        'a',
      ];
      const made = [];
      for (const name of names) made.push((await here!.touch(name, name)).id);
      const found = [];
      for (const name of names) found.push((await there!.touch(name, name)).id);
      expect([new Set(made).size, found]).toEqual([names.length, made]);
    });
    it('lasts as long as the system says', async () => {
      const { expire } = await replicas.add({ ttl: '3600000' }).touch(user);
      expect(expire - (await databaseMs())).toBeGreaterThan(3_500_000);
    });
  });

  describe('extend', () => {
    it('starts the time of a session anew, by origin, key or path', async () => {
      const { id } = await here!.touch(user);
      const asked: [path: string, given: object][] = [
        ['/extend', { origin: { id: user } }],
        ['/extend', { parameters: { originKey: `user-${user}` } }],
        [`/extend/user-${user}`, {}],
      ];
      for (const [path, given] of asked) {
        await age(`user-${user}`, 50);
        const session = sessionOf(await there!.ask(path, given));
        expect(session.id).toBe(id);
        expect(session.expire - (await databaseMs())).toBeGreaterThan(50_000);
      }
    });
    it('makes none: neither where there was none nor where it has ended', async () => {
      expect((await here!.ask('/extend', { origin: { id: user } })).code).toBe(11005);
      await here!.touch(user);
      await age(`user-${user}`, 60);
      expect((await here!.ask('/extend', { origin: { id: user } })).code).toBe(11005);
    });
  });

  describe('extendList', () => {
    const extendList = (...list: string[]) => here!.ask('/extendList', { parameters: { list } });
    it('extends those that are there in one statement, and names those that are not', async () => {
      const [kept, ended] = [await here!.touch(user), await here!.touch(guest, 'guest')];
      await age(`user-${user}`, 50);
      await age(`guest-${guest}`, 60);
      const before = here!.statements;
      const list = [`user-${user}`, `guest-${guest}`, 'user-nobody', `user-${user}`];
      expect((await extendList(...list)).payload).toEqual({ extended: 2, missing: [`guest-${guest}`, 'user-nobody'] });
      expect(here!.statements - before).toBe(1);
      await age(`user-${user}`, 50);
      expect((await here!.touch(user)).id).toBe(kept.id);
      expect((await here!.touch(guest, 'guest')).id).not.toBe(ended.id);
    });
    it('knows that there is nothing under what is no key', async () => {
      await here!.touch(user);
      const bad = ['', 'user-\u0000', 'user-\ud83d', 'x'.repeat(600)];
      expect((await extendList(`user-${user}`, ...bad)).payload).toEqual({ extended: 1, missing: bad });
      expect((await extendList()).payload).toEqual({ extended: 0, missing: [] });
    });
    it('takes ten thousand', async () => {
      const list = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);
      await here!.touch('77');
      const { payload } = await extendList(...list);
      expect([payload.extended, payload.missing!.length]).toEqual([1, 9999]);
    });
  });

  describe('stitch', () => {
    const stitch = (replica: SessionReplica, old = guest) =>
      replica.ask('/stitch', { origin: { type: 'user', id: user, parameters: { oldId: old, oldType: 'guest' } } });
    const [OLD_ORIGIN, NEW_ORIGIN] = ['of the old origin', 'of the new origin'];
    it.each([
      ['existing', 'older', OLD_ORIGIN],
      ['existing', 'newer', OLD_ORIGIN],
      ['self', 'older', NEW_ORIGIN],
      ['self', 'newer', NEW_ORIGIN],
      ['old', 'older', OLD_ORIGIN],
      ['old', 'newer', NEW_ORIGIN],
      ['new', 'older', NEW_ORIGIN],
      ['new', 'newer', OLD_ORIGIN],
    ])(
      'with priority %s, where the old origin has the %s session, keeps that %s',
      async (stitchPriority, which, kept) => {
        const replica = replicas.add({ stitchPriority });
        const [ofUser, ofGuest] = [await replica.touch(user), await replica.touch(guest, 'guest')];
        await age(which === 'older' ? `guest-${guest}` : `user-${user}`, 10);
        const session = sessionOf(await stitch(replica));
        expect(session.id).toBe(kept === OLD_ORIGIN ? ofGuest.id : ofUser.id);
        expect(session.expire - (await databaseMs())).toBeGreaterThan(50_000);
        expect([(await replica.touch(user)).id, await count()]).toEqual([session.id, 1]);
        expect([ofUser.id, ofGuest.id]).not.toContain((await replica.touch(guest, 'guest')).id);
      },
    );
    it.each(['existing', 'self', 'old', 'new'])(
      'with priority %s keeps the one that there is',
      async (stitchPriority) => {
        const replica = replicas.add({ stitchPriority });
        const ofGuest = await replica.touch(guest, 'guest');
        expect(sessionOf(await stitch(replica)).id).toBe(ofGuest.id);
        expect(sessionOf(await stitch(replica)).id).toBe(ofGuest.id);
        await age(`user-${user}`, 60);
        const newGuest = await replica.touch(guest, 'guest');
        expect(sessionOf(await stitch(replica)).id).toBe(newGuest.id);
      },
    );
    it('does not bring back what has ended', async () => {
      const [ofUser, ofGuest] = [await here!.touch(user), await here!.touch(guest, 'guest')];
      for (const key of [`user-${user}`, `guest-${guest}`]) await age(key, 60);
      const session = sessionOf(await stitch(here!));
      expect([ofUser.id, ofGuest.id]).not.toContain(session.id);
      expect(await count()).toBe(1);
    });
    it('of an origin with itself is a touch', async () => {
      const { id } = await here!.touch(user);
      const origin = { type: 'user', id: user, parameters: { oldId: user } };
      expect(sessionOf(await here!.ask('/stitch', { origin })).id).toBe(id);
    });
    it('by many at once hands the session on once', async () => {
      const { id } = await here!.touch(guest, 'guest');
      const all = Array.from({ length: 20 }, (_, index) => stitch(index % 2 === 0 ? here! : there!));
      expect(new Set((await Promise.all(all)).map((answer) => sessionOf(answer).id))).toEqual(new Set([id]));
      expect(await count()).toBe(1);
    });
    it('to several users at once gives it to one of them', async () => {
      const { id } = await here!.touch(guest, 'guest');
      const all = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? here! : there!).ask('/stitch', {
          origin: { type: 'user', id: `${user}${index}`, parameters: { oldId: guest, oldType: 'guest' } },
        }),
      );
      const ids = (await Promise.all(all)).map((answer) => sessionOf(answer).id);
      expect([new Set(ids).size, ids.filter((each) => each === id).length, await count()]).toEqual([20, 1, 20]);
    });
    it('crosswise and beside extensions ends for everybody', async () => {
      const cross = (from: string, to: string) => ({ type: 'user', id: to, parameters: { oldId: from } });
      const asked = Array.from({ length: 60 }, (_, index) => {
        const replica = index % 2 === 0 ? here! : there!;
        if (index % 3 === 0)
          return replica.ask('/extendList', { parameters: { list: [`user-${user}`, `user-${guest}`] } });
        const [from, to] = index % 3 === 1 ? [user, guest] : [guest, user];
        return replica.ask('/stitch', { origin: cross(from, to) });
      });
      expect((await Promise.all(asked)).map(({ code }) => code)).toEqual(asked.map(() => null));
    });
  });

  describe('expire', () => {
    const expired = async (path: string, parameters: object = {}) =>
      (await there!.ask(path, { parameters })).payload.expired;
    it('ends a session, once', async () => {
      const { id } = await here!.touch(user);
      const parameters = { originKey: `user-${user}`, sessionId: id };
      expect([await expired('/expire', parameters), await expired('/expire', parameters)]).toEqual([true, false]);
      expect((await here!.ask('/extend', { origin: { id: user } })).code).toBe(11005);
      expect((await here!.touch(user)).id).not.toBe(id);
    });
    it('leaves a newer one alone, and ends any without an id', async () => {
      const { id } = await here!.touch(user);
      for (const other of [randomUUID(), 'no uuid', "' OR true --"])
        expect(await expired('/expire', { originKey: `user-${user}`, sessionId: other })).toBe(false);
      expect((await here!.touch(user)).id).toBe(id);
      expect(await expired(`/expire/user-${user}`)).toBe(true);
    });
    it('takes key and id from the path', async () => {
      const { id } = await here!.touch(user);
      expect([await expired(`/expire/user-${user}/other`), await expired(`/expire/user-${user}/${id}`)]).toEqual([
        false,
        true,
      ]);
    });
    it('says nothing ended where the time was over', async () => {
      await here!.touch(user);
      await age(`user-${user}`, 60);
      expect(await expired(`/expire/user-${user}`)).toBe(false);
    });
  });
}
