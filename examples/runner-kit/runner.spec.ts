import { describe, expect, it } from '@jest/globals';
import { createRunner, reply, RunnerError, type Runner } from './index.js';

const NOW = 1_700_000_000_000;
const silent = () => createRunner({ now: () => NOW, onError: () => undefined });

async function ask(runner: Runner, path: string, event: unknown, signal = new AbortController().signal) {
  const text = typeof event === 'string' ? event : JSON.stringify(event);
  const { status, body } = await runner.handle({ method: 'POST', target: '/', path, event: text }, signal);
  return { status, body, event: JSON.parse(body) };
}

describe('an event that is answered', () => {
  it('carries the returned members beside what came, and everything else through', async () => {
    const runner = silent().rpc('/Hello', ({ parameters }) => ({
      message: `Hello, ${JSON.stringify(parameters['name'])}!`,
    }));
    const { status, event } = await ask(runner, '/Hello', {
      requestMeta: { id: '1', more: true },
      unknown: [1],
      payload: { parameters: { name: 'Ada' }, userId: 'u' },
    });
    expect(status).toBe(200);
    expect(event).toEqual({
      requestMeta: { id: '1', more: true },
      unknown: [1],
      payload: { parameters: { name: 'Ada' }, userId: 'u', message: 'Hello, "Ada"!' },
      result: { receiveTime: NOW, endTime: NOW, status: 'SUCCESS' },
    });
  });

  it('keeps every number as it was written, while the handler sees ordinary ones', async () => {
    const seen: unknown[] = [];
    const runner = silent().rpc('/Echo', ({ parameters }) => void seen.push(parameters['price']));
    const parameters = '{"price":1.10,"id":9007199254740993,"list":[1e3,-0,0.1,7],"text":"1.10"}';
    const { body } = await ask(runner, '/Echo', `{"payload":{"parameters":${parameters}}}`);
    expect(body).toContain(`"parameters":${parameters}`);
    expect(seen).toEqual([1.1]);
  });

  it('takes parameters that are no object, and none at all', async () => {
    const runner = silent().rpc('/Count', ({ parameters }) => ({ count: Object.keys(parameters).length }));
    for (const payload of [{ parameters: [1, 2] }, { parameters: null }, { parameters: 'x' }, undefined]) {
      expect((await ask(runner, '/Count', { payload })).event.payload.count).toBe(0);
    }
  });

  it('takes __proto__ for data', async () => {
    const runner = silent().rpc('/Echo', () => undefined);
    const { body } = await ask(runner, '/Echo', '{"payload":{"parameters":{"__proto__":{"a":1}}}}');
    expect(body).toContain('"parameters":{"__proto__":{"a":1}}');
  });

  it('gives _response on to the gateway', async () => {
    const runner = silent().rpc('/Made', () => ({ _response: { status: 201 } }));
    expect((await ask(runner, '/Made', {})).event.payload).toEqual({ _response: { status: 201 } });
  });
});

describe('an event that fails', () => {
  it('has the error that was thrown as its result, and its payload as it came', async () => {
    const runner = silent().rpc('/Fail', () => {
      throw new RunnerError(13, 'no', { http: 418, payload: { a: 1 }, safePayload: { b: 2 } });
    });
    const { status, event } = await ask(runner, '/Fail', { payload: { parameters: {} } });
    expect(status).toBe(200);
    expect(event).toEqual({
      payload: { parameters: {} },
      result: {
        receiveTime: NOW,
        endTime: NOW,
        status: 'ERROR',
        error: { code: 13, message: 'no', http: 418, payload: { a: 1 }, safePayload: { b: 2 } },
      },
    });
  });

  it('says nothing of another exception, which onError gets', async () => {
    const errors: unknown[] = [];
    const runner = createRunner({ onError: (error, path) => errors.push([path, (error as Error).message]) });
    runner.rpc('/Bug', () => Promise.reject(new Error('password of db is 1234')));
    const { event, body } = await ask(runner, '/Bug', {});
    expect(event.result.error).toEqual({ code: 500, message: 'The runner failed.' });
    expect(body).not.toContain('1234');
    expect(errors).toEqual([['/Bug', 'password of db is 1234']]);
  });

  it('is an error where the handler returns what cannot be sent', async () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const runner = silent()
      .rpc('/Circle', () => circle)
      .rpc('/Text', (() => 'text') as never);
    for (const path of ['/Circle', '/Text']) expect((await ask(runner, path, {})).event.result.error.code).toBe(500);
  });

  it('has saga error 3 where no handler has its path', async () => {
    const runner = silent().rpc('/Hello', () => ({}));
    for (const path of ['/hello', '/Hello/x', '/', '/constructor']) {
      expect((await ask(runner, path, {})).event.result).toMatchObject({ status: 'ERROR', error: { code: 3 } });
    }
  });

  it.each(['', 'no JSON', '[]', '1', 'null', '['.repeat(100_000)])(
    'is refused with 400 where it is %.10j',
    async (text) => {
      const { status, event } = await ask(silent(), '/Hello', text);
      expect([status, event.error.code]).toEqual([400, 10011]);
    },
  );
});

describe('a runner', () => {
  it('tells a handler when nobody waits any more', async () => {
    const caller = new AbortController();
    const runner = silent().rpc(
      '/Wait',
      ({ signal }) => new Promise((done) => signal.addEventListener('abort', () => done({}))),
    );
    const answer = ask(runner, '/Wait', {}, caller.signal);
    caller.abort();
    expect((await answer).status).toBe(200);
  });

  it('gives a raw reply as it is', async () => {
    const runner = silent().rpc('/Raw', () => reply.raw({ status: 503, body: '"busy"' }));
    expect(await ask(runner, '/Raw', {})).toMatchObject({ status: 503, body: '"busy"' });
  });

  it('refuses two handlers of one path, two states of one name, and two equal targets', () => {
    const runner = silent().rpc('/a', () => ({}));
    expect(() => runner.rpc('a/', () => ({}))).toThrow('/a');
    expect(() => runner.state('a/b', {} as never)).toThrow('a/b');
    expect(() => createRunner({ rpcTarget: '/api', crudTarget: 'api/' })).toThrow('same');
  });
});
