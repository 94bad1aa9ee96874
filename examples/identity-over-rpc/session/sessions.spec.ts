import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../runner-kit/index.js';
import { askEvent, type Asked } from '../ask.js';
import { IdentityServer } from '../identity-server.js';

let server: IdentityServer;
let now: number;
beforeEach(async () => {
  now = 1_700_000_000_000;
  server = await IdentityServer.start({ now: () => now, maxSessions: 3 });
});
afterEach(() => server.close());

const ask = (action: string, asked: Asked) => askEvent(server.baseUrl, `/session/user${action}`, asked);
const touch = async (id: string, more: JsonObject = {}) => sessionOf(await ask('', { origin: { id, ...more } }));
const sessionOf = ({ payload }: { payload: JsonObject }) => payload['session'] as { id: string; expire: number };
const ADA = { type: 'user', id: 'ada' };

describe('touch', () => {
  it('makes a session for an origin, and finds it again', async () => {
    const first = await touch('ada');
    expect(first).toEqual({ id: expect.any(String), expire: now + 60_000 });
    now += 1000;
    expect(await touch('ada')).toEqual({ id: first.id, expire: now + 60_000 });
    expect(sessionOf(await ask('/touch', { origin: ADA })).id).toBe(first.id);
  });

  it('makes a new one when the old has ended', async () => {
    const { id } = await touch('ada');
    now += 60_000;
    expect((await touch('ada')).id).not.toBe(id);
  });

  it("tells origins apart by type and id; without a type they have the path's", async () => {
    const { id } = await touch('1');
    expect((await touch('1', { type: 'user' })).id).toBe(id);
    expect((await touch('1', { type: 'guest' })).id).not.toBe(id);
    expect((await touch('2')).id).not.toBe(id);
  });

  it('refuses an origin without an id', async () => {
    expect((await ask('', { origin: { type: 'user' } })).error).toMatchObject({ code: 10009 });
  });

  it('ends the session that is longest without a touch when there is no room', async () => {
    const { id } = await touch('1');
    for (const other of ['2', '3', '4']) await touch(other);
    expect((await touch('1')).id).not.toBe(id);
  });
});

describe('extend', () => {
  it('starts the time of a session anew, by origin or key', async () => {
    const { id } = await touch('ada');
    now += 59_999;
    expect(sessionOf(await ask('/extend', { origin: ADA }))).toEqual({ id, expire: now + 60_000 });
    now += 59_999;
    expect(sessionOf(await ask('/extend', { parameters: { originKey: 'user-ada' } })).id).toBe(id);
  });

  it('does not make one', async () => {
    expect((await ask('/extend', { origin: ADA })).error).toMatchObject({ code: 11005 });
  });
});

describe('extendList', () => {
  it('extends those that are there, and names those that are not', async () => {
    const { id } = await touch('1');
    await touch('2');
    now += 59_999;
    const list = ['user-1', 'user-2', 'user-3'];
    expect((await ask('/extendList', { parameters: { list } })).payload).toEqual({ extended: 2, missing: ['user-3'] });
    now += 59_999;
    expect((await touch('1')).id).toBe(id);
  });

  it('refuses what is no list', async () => {
    expect((await ask('/extendList', { parameters: { list: 'user-1' } })).error).toMatchObject({ code: 10009 });
  });
});

describe('stitch', () => {
  const stitch = (parameters: JsonObject) => ask('/stitch', { origin: { ...ADA, parameters } });

  it('hands the session of the guest on to the user', async () => {
    const guest = await touch('g1', { type: 'guest' });
    await touch('ada');
    expect(sessionOf(await stitch({ oldId: 'g1', oldType: 'guest' })).id).toBe(guest.id);
    expect((await touch('ada')).id).toBe(guest.id);
    expect((await touch('g1', { type: 'guest' })).id).not.toBe(guest.id);
  });

  it("is a touch where the guest has none; the old type is the new one's where none is given", async () => {
    const { id } = await touch('ada');
    expect(sessionOf(await stitch({ oldId: 'g1' })).id).toBe(id);
    const old = await touch('old');
    expect(sessionOf(await stitch({ oldId: 'old' })).id).toBe(old.id);
  });

  it('refuses one without the old origin', async () => {
    expect((await stitch({})).error).toMatchObject({ code: 10009 });
  });
});

describe('expire', () => {
  const expire = async (parameters: JsonObject) => (await ask('/expire', { parameters })).payload['expired'];

  it('ends a session', async () => {
    const { id } = await touch('ada');
    expect(await expire({ originKey: 'user-ada', sessionId: id })).toBe(true);
    expect(await expire({ originKey: 'user-ada', sessionId: id })).toBe(false);
    expect((await touch('ada')).id).not.toBe(id);
  });

  it('leaves a newer one alone, and ends any without an id', async () => {
    const { id } = await touch('ada');
    expect(await expire({ originKey: 'user-ada', sessionId: 'other' })).toBe(false);
    expect((await touch('ada')).id).toBe(id);
    expect(await expire({ originKey: 'user-ada' })).toBe(true);
  });

  it('takes the origin itself', async () => {
    await touch('ada');
    expect((await ask('/expire', { origin: ADA })).payload).toEqual({ expired: true });
  });
});
