import { beforeEach, describe, expect, it } from '@jest/globals';
import { createRunner, memoryStore, RunnerError, type Runner } from '../index.js';

let runner: Runner;
beforeEach(() => {
  runner = createRunner().state('todo', memoryStore());
});

/** By way of `handle`; http/server.spec.ts shows that HTTP answers the same. */
async function ask(method: string, path: string, parameters?: unknown) {
  const event = JSON.stringify({ requestMeta: { method }, payload: { parameters } });
  const { status, body } = await runner.handle({ method, target: '/', path, event }, new AbortController().signal);
  return [status, JSON.parse(body)] as const;
}

describe('a state', () => {
  it('takes {id?, data} and a bare object alike', async () => {
    expect(await ask('POST', '/todo', { id: 'a', data: { title: 'x' } })).toEqual([
      201,
      { id: 'a', data: { title: 'x' } },
    ]);
    expect(await ask('POST', '/todo', { id: 'b', title: 'x' })).toEqual([201, { id: 'b', data: { title: 'x' } }]);
    expect(await ask('POST', '/todo/c', { title: 'x' })).toEqual([201, { id: 'c', data: { title: 'x' } }]);
    expect(await ask('POST', '/todo', { id: 7, data: 'x', more: 1 })).toEqual([
      201,
      { id: '7', data: { data: 'x', more: 1 } },
    ]);
  });

  it('makes an id where the body has none', async () => {
    const [, made] = await ask('POST', '/todo', { title: 'x' });
    expect(made.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await ask('GET', `/todo/${made.id}`)).toEqual([200, { id: made.id, data: { title: 'x' } }]);
  });

  it('lists {list: [{id, data}]}', async () => {
    await ask('POST', '/todo/a', { status: 'A', n: 1 });
    await ask('POST', '/todo/b', { status: 'B', n: 2 });
    expect(await ask('GET', '/todo', { 'data.status.EQ': 'B', limit: 5, fields: 'data.n' })).toEqual([
      200,
      { list: [{ id: 'b', data: { n: 2 } }] },
    ]);
  });

  it('replaces with PUT, which also makes, and merges with PATCH', async () => {
    expect(await ask('PUT', '/todo/a', { a: 1, b: { c: 1, d: 2 } })).toEqual([
      201,
      { id: 'a', data: { a: 1, b: { c: 1, d: 2 } } },
    ]);
    expect(await ask('PATCH', '/todo/a', { a: null, b: { c: 3 } })).toEqual([
      200,
      { id: 'a', data: { b: { c: 3, d: 2 } } },
    ]);
    expect(await ask('PATCH', '/todo/a', { id: 'a', data: { e: 1 } })).toEqual([
      200,
      { id: 'a', data: { b: { c: 3, d: 2 }, e: 1 } },
    ]);
    expect(await ask('PUT', '/todo/a', { data: { z: 1 } })).toEqual([200, { id: 'a', data: { z: 1 } }]);
  });

  it('deletes, and answers with what it deleted', async () => {
    await ask('POST', '/todo/a', { n: 1 });
    expect(await ask('DELETE', '/todo/a')).toEqual([200, { id: 'a', data: { n: 1 } }]);
    expect((await ask('GET', '/todo/a'))[0]).toBe(404);
  });

  it('answers 404 with 11005 for a missing record', async () => {
    const error = { error: { code: 11005, message: 'There is no record x.' } };
    expect(await ask('GET', '/todo/x')).toEqual([404, error]);
    expect(await ask('PATCH', '/todo/x', {})).toEqual([404, error]);
    expect(await ask('DELETE', '/todo/x')).toEqual([404, error]);
  });

  it('answers 409 with 11006 for an id that is taken, and keeps the record', async () => {
    await ask('POST', '/todo/a', { n: 1 });
    const error = { error: { code: 11006, message: 'There is a record a already.' } };
    expect(await ask('POST', '/todo/a', {})).toEqual([409, error]);
    expect(await ask('POST', '/todo', { id: 'a' })).toEqual([409, error]);
    expect((await ask('GET', '/todo/a'))[1].data).toEqual({ n: 1 });
  });

  it.each([
    ['POST', '/todo', [1]],
    ['POST', '/todo', 'text'],
    ['POST', '/todo', { data: 'text' }],
    ['POST', '/todo', { id: true }],
    ['POST', '/todo', { id: 'a/b' }],
    ['POST', '/todo', { id: '..' }],
    ['POST', '/todo', { id: '' }],
    ['PUT', '/todo/a', { id: 'b', data: {} }],
    ['GET', '/todo', { 'data.x.NEAR': '1' }],
    ['GET', '/todo', { limit: 'many' }],
    ['GET', '/todo', { limit: {} }],
  ])('answers 400 to %s %s with %j', async (method, path, parameters) => {
    const [status, { error }] = await ask(method, path, parameters);
    expect([status, typeof error.code, typeof error.message]).toEqual([400, 'number', 'string']);
  });

  it('answers 405 to methods that a path does not take', async () => {
    for (const [method, path] of [
      ['DELETE', '/todo'],
      ['constructor', '/todo'],
      ['GET', '/todo/@'],
      ['OPTIONS', '/todo/a'],
    ] as const) {
      expect((await ask(method, path))[0]).toBe(405);
    }
  });

  it('has no paths below a record', async () => expect((await ask('GET', '/todo/a/b'))[0]).toBe(404));

  it('asks its guard before each operation', async () => {
    const seen: unknown[] = [];
    runner.state('kept', memoryStore(), {
      guard: ({ operation, id, requestMeta: { branch } }) => {
        seen.push([operation, id]);
        if (branch !== 'main') throw new RunnerError(403, 'only on main');
      },
    });
    expect(await ask('POST', '/kept', { id: 'a' })).toEqual([403, { error: { code: 403, message: 'only on main' } }]);
    expect((await ask('GET', '/kept'))[0]).toBe(403);
    expect(seen).toEqual([
      ['create', 'a'],
      ['list', null],
    ]);
  });
});

describe('POST /{state}/@', () => {
  const act = (body: unknown) => ask('POST', '/todo/@', body);

  it('does what the action says with the input, inline or at a path in the body', async () => {
    expect(await act({ action: 'Create', inputElement: { id: 'a', data: { n: 1 } } })).toEqual([
      201,
      { id: 'a', data: { n: 1 } },
    ]);
    expect(await act({ action: 'update', inputElement: '$.in.it', in: { it: { id: 'a', data: { m: 2 } } } })).toEqual([
      200,
      { id: 'a', data: { n: 1, m: 2 } },
    ]);
    expect(await act({ action: 'set', parameters: { z: 1 }, meta: { id: 'a' } })).toEqual([
      200,
      { id: 'a', data: { z: 1 } },
    ]);
    expect((await act({ action: 'delete', meta: { id: 'a' } }))[0]).toBe(200);
    expect((await act({ action: 'get', meta: { id: 'a' } }))[0]).toBe(404);
  });

  it('puts the answer where outputElement says', async () => {
    await act({ action: 'create', inputElement: { id: 'a', data: { n: 1 } } });
    expect(await act({ action: 'list', outputElement: '$.answer.todos', meta: { limit: 1 } })).toEqual([
      200,
      { answer: { todos: { list: [{ id: 'a', data: { n: 1 } }] } } },
    ]);
  });

  it('answers 400 where something is missing or unknown', async () => {
    for (const body of [
      undefined,
      [],
      {},
      { action: 'explode' },
      { action: 'constructor' },
      { action: 'get' },
      { action: 'create' },
    ]) {
      expect((await act(body))[0]).toBe(400);
    }
  });
});
