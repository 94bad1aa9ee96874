import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Runner } from '../runner-kit/index.js';
import { createSampleRunner } from './sample-runner.js';

let folder: string;
let runner: Runner;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sample-runner-'));
  runner = createSampleRunner({ dataFolder: folder });
});
afterEach(() => rm(folder, { recursive: true }));

interface Asked {
  readonly requestMeta?: object;
  readonly signal?: AbortSignal;
}
async function ask(path: string, parameters: unknown, { requestMeta = {}, signal }: Asked = {}) {
  const event = JSON.stringify({ requestMeta, payload: { parameters } });
  const request = { method: 'POST', target: '/', path, event };
  return runner.handle(request, signal ?? new AbortController().signal);
}
async function answer(...asked: Parameters<typeof ask>) {
  const { payload, result } = JSON.parse((await ask(...asked)).body);
  return { payload, error: result.error };
}

describe('Secret', () => {
  it.each(['/Secret', '/Secret/Clerks', '/Secret/Admins', '/Secret/Verified'])(
    'tells who calls at %s',
    async (path) => {
      const { payload } = await answer(path, {}, { requestMeta: { origin: { id: 'ada' } } });
      expect(payload.message).toBe('Hello, ada: this is not for everybody.');
      expect((await answer(path, {})).payload.message).toBe('Hello, whoever you are: this is not for everybody.');
    },
  );
});

describe('Hello', () => {
  it('greets by name, or the world', async () => {
    expect((await answer('/Hello', { name: 'Ada' })).payload.message).toBe('Hello, Ada!');
    expect((await answer('/Hello', {})).payload).toEqual({ parameters: {}, message: 'Hello, World!' });
    expect((await answer('/Hello', 'x')).payload.message).toBe('Hello, World!');
  });
  it('tells the branch if it is not main', async () => {
    expect((await answer('/Hello', {}, { requestMeta: { branch: 'main' } })).payload).not.toHaveProperty('branch');
    expect((await answer('/Hello', {}, { requestMeta: { branch: 'b1' } })).payload.branch).toBe('b1');
  });
});

describe('Echo and Whoami', () => {
  it('add nothing beside the parameters, or requestMeta alone', async () => {
    expect((await answer('/Echo', { a: [1] })).payload).toEqual({ parameters: { a: [1] } });
    const requestMeta = { id: '1', claims: { roles: ['r'] } };
    expect((await answer('/Whoami', {}, { requestMeta })).payload).toEqual({ parameters: {}, requestMeta });
  });
});

describe('todo', () => {
  it('is kept in the data folder over a restart', async () => {
    await ask('/todo/a', { title: 'x' }, { requestMeta: { method: 'PUT' } });
    runner = createSampleRunner({ dataFolder: folder });
    expect(await ask('/todo/a', {}, { requestMeta: { method: 'GET' } })).toEqual({
      status: 200,
      body: '{"id":"a","data":{"title":"x"}}',
    });
  });
});

describe('Fail', () => {
  it('fails with what the parameters say, as numbers or as text', async () => {
    const wanted = { code: 13, message: 'no', http: 418, payload: { a: 1 }, safePayload: { b: 2 } };
    expect((await answer('/Fail', wanted)).error).toEqual(wanted);
    expect((await answer('/Fail', { code: '404', http: '410' })).error).toEqual({
      code: 404,
      message: 'This path always fails.',
      http: 410,
    });
  });
  it('gives its payloads back with numbers as they were written', async () => {
    const event = '{"payload":{"parameters":{"safePayload":{"price":1.10}}}}';
    const { body } = await runner.handle(
      { method: 'POST', target: '/', path: '/Fail', event },
      new AbortController().signal,
    );
    expect(body).toContain('"message":"This path always fails.","safePayload":{"price":1.10}}');
  });
  it('fails with 500 without any', async () => {
    expect((await answer('/Fail', {})).error).toEqual({ code: 500, message: 'This path always fails.' });
  });
});

describe('Slow and Hang', () => {
  it('Slow answers after ms', async () => expect((await answer('/Slow', { ms: '1' })).payload.waitedMs).toBe(1));
  it('end when the caller goes', async () => {
    for (const [path, parameters] of [
      ['/Slow', { ms: 60_000 }],
      ['/Hang', {}],
    ] as const) {
      const caller = new AbortController();
      const answered = ask(path, parameters, { signal: caller.signal });
      caller.abort();
      expect((await answered).status).toBe(200);
      expect((await ask(path, parameters, { signal: AbortSignal.abort() })).status).toBe(200);
    }
  });
});

describe('Big, Garbage and Reset', () => {
  it('Big answers as many bytes as it is asked for, within its bound', async () => {
    expect((await answer('/Big', { bytes: '1000' })).payload.big).toHaveLength(1000);
    expect((await answer('/Big', {})).payload.big).toHaveLength(2_000_000);
    expect((await answer('/Big', { bytes: -1 })).payload.big).toHaveLength(0);
    expect((await answer('/Big', { bytes: 1e12 })).payload.big).toHaveLength(50 * 1024 * 1024);
  });
  it('Garbage is no JSON', async () => {
    const { status, body } = await ask('/Garbage', {});
    expect(status).toBe(200);
    expect(() => JSON.parse(body) as unknown).toThrow();
  });
  it('Reset is an error in this process, and breaks off over HTTP', async () => {
    expect((await answer('/Reset', {})).error.code).toBe(500);
    const { port } = await runner.listen();
    await expect(fetch(`http://127.0.0.1:${port}/api/rpc/Reset`, { method: 'POST', body: '{}' })).rejects.toThrow();
    await runner.close();
  });
});
