import { describe, expect, it } from '@jest/globals';
import {
  ADA,
  apiKeyWorld,
  held,
  KEY_KIND,
  KEY_REQUEST,
  keyKindOf,
  LeavingClient,
  REFUSED,
  status,
} from '../../../../test/support/api-key-world.js';
import { NOBODY } from '../provider/bounded-call.js';
import { ApiKeys } from './api-keys.js';

const GONE = { kind: 'failed', error: { error: 'BACKEND_BROKE_OFF' } };

describe('requests that come with one key at one time', () => {
  it('are one call', async () => {
    const { free, answer } = held();
    const { calls, resolve } = apiKeyWorld(() => answer);
    const outcomes = Promise.all([resolve('k-1'), resolve('k-1'), resolve('k-1')]);
    free(ADA);
    expect((await outcomes).map(({ kind }) => kind)).toEqual(['caller', 'caller', 'caller']);
    expect(calls).toHaveLength(1);
  });
  it('are two calls for two kinds', async () => {
    const { calls, resolve } = apiKeyWorld();
    await Promise.all([resolve('k-1'), resolve('k-1', keyKindOf({}, 'staff'))]);
    expect(calls).toHaveLength(2);
  });
  it('are one call also when calls that began before it end first', async () => {
    const [first, second] = [held(), held()];
    const answers = [first.answer, second.answer];
    const { calls, resolve } = apiKeyWorld(() => answers[calls.length - 1]!);
    const earlier = resolve('k-1');
    const later = resolve('k-2');
    first.free(ADA);
    await earlier;
    const joined = resolve('k-2');
    second.free(REFUSED);
    expect([(await later).kind, (await joined).kind, calls.length]).toEqual(['bad', 'bad', 2]);
  });
  it('are answered though the one that came first leaves, who waits no longer', async () => {
    const { free, answer } = held();
    const { calls, resolve, keys } = apiKeyWorld(() => answer);
    const [first, second] = [new LeavingClient(), new LeavingClient()];
    const left = resolve('k-1', KEY_KIND, first);
    const stays = resolve('k-1', KEY_KIND, second);
    first.leave();
    expect(await left).toMatchObject(GONE);
    free(ADA);
    expect(await stays).toEqual({ kind: 'caller', caller: keys.known(KEY_KIND, 'k-1') });
    expect([calls.length, first.listener, second.listener]).toEqual([1, null, null]);
  });
  it('wait as long as each may, and the call goes on for the others', async () => {
    const { free, answer } = held();
    const { calls, clock, keys, resolve } = apiKeyWorld(() => answer);
    const hasty = keys.resolve(KEY_KIND, 'k-1', { ...KEY_REQUEST, deadline: clock.nowMs }, NOBODY);
    const stays = resolve('k-1');
    expect(await hasty).toMatchObject({ kind: 'failed', error: { error: 'BACKEND_TIMEOUT' } });
    expect(calls[0]!.deadline).toBe(clock.nowMs + 10_000);
    free(ADA);
    expect((await stays).kind).toBe('caller');
  });
  it('ask nobody for a client that has gone', async () => {
    const { calls, resolve } = apiKeyWorld();
    const client = new LeavingClient();
    client.leave();
    expect(await resolve('k-1', KEY_KIND, client)).toMatchObject(GONE);
    expect(calls).toEqual([]);
  });
  it('all fail by a fault of ours, once', async () => {
    const providers = { call: () => Promise.reject(new Error('a fault of ours')) };
    const keys = new ApiKeys({ providers, now: () => 0 });
    const [first, second] = [1, 2].map(() => keys.resolve(KEY_KIND, 'k-1', KEY_REQUEST, NOBODY));
    await expect(first).rejects.toThrow('a fault of ours');
    await expect(second).rejects.toThrow('a fault of ours');
  });
});

describe('keys under way', () => {
  it('are 200 of a kind at most: further ones are refused at once, those under way and other kinds are served', async () => {
    const { free, answer } = held();
    const { calls, resolve } = apiKeyWorld(() => answer);
    const many = Array.from({ length: 200 }, (_, index) => resolve(`k-${index}`));
    expect(await resolve('k-200')).toMatchObject({
      kind: 'failed',
      error: { error: 'SYSTEM_BUSY', retryAfterSeconds: 1 },
    });
    const shared = resolve('k-0');
    const staff = resolve('k-0', keyKindOf({}, 'staff'));
    expect(calls).toHaveLength(201);
    free(ADA);
    const outcomes = await Promise.all([...many, shared, staff]);
    expect(outcomes.filter(({ kind }) => kind === 'caller')).toHaveLength(202);
    expect((await resolve('k-200')).kind).toBe('caller');
  });
  it('give their places back where they fail', async () => {
    const { resolve } = apiKeyWorld(() => status(503));
    for (let index = 0; index < 201; index++)
      expect(await resolve(`k-${index}`)).toMatchObject({ error: { error: 'BACKEND_UNAVAILABLE' } });
  });
});
