import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { aCompiledChannel, anExchange, FakeBody, someOptions, unplanned } from '../../../test/support/an-exchange.js';
import type { GatewayOptions } from '../../contracts/gateway-options.js';
import type { Exchange } from '../exchange.js';
import { readInput, type Form } from './request-body.js';

interface Sent {
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly type?: string | null;
  readonly query?: string;
  readonly form?: Form;
  readonly takes?: 'event' | 'body';
  readonly options?: Partial<GatewayOptions>;
}

/** What is left in the exchange, or the name of the refusal. */
async function read(sent: Sent): Promise<Exchange | string> {
  const { method = 'POST', body, type = 'application/json', query = '', form = 'plain', takes = 'event' } = sent;
  const source = new FakeBody(body === undefined ? null : Buffer.from(body));
  const headers = type === null ? {} : { 'content-type': type };
  const exchange = anExchange({ method, query, headers, source, channel: aCompiledChannel(takes) });
  const refused = await readInput(exchange, form, someOptions(sent.options));
  return refused === null ? exchange : refused.error;
}
async function parametersOf(sent: Sent): Promise<string> {
  const got = await read(sent);
  return typeof got === 'string' ? got : got.parameters;
}
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('the body of a plain call', () => {
  it('is payload.parameters, exactly as it was written', async () => {
    const body = ' {"a": 9007199254740993, "b":[1.10, "é"]}\n';
    expect(await parametersOf({ body })).toBe(body);
  });
  it.each(['[1]', '"text"', '1', 'null'])('may be JSON of any kind: %s', async (body) => {
    expect(await parametersOf({ body })).toBe(body);
  });
  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['blank', ' \r\n\t'],
  ])('is {} where it is %s, whatever its type', async (_what, body) => {
    expect(await parametersOf({ type: 'text/html', ...(body !== undefined && { body }) })).toBe('{}');
  });
  it('is written anew where a name is repeated, the last one winning', async () => {
    expect(await parametersOf({ body: '{"a":1, "a":2.0}' })).toBe('{"a":2.0}');
  });
  it('keeps __proto__ as data', async () => {
    expect(await parametersOf({ body: '{"__proto__":{"a":1}}' })).toBe('{"__proto__":{"a":1}}');
  });
  it('may begin with a byte order mark', async () => {
    expect(await parametersOf({ body: '\ufeff{"a":1}' })).toBe('{"a":1}');
  });
  it.each(['POST', 'PUT', 'PATCH'])('counts for %s, whose query does not', async (method) => {
    expect(await parametersOf({ method, query: 'a=1', body: '{"b":2}' })).toBe('{"b":2}');
    expect(await parametersOf({ method, query: 'a=1' })).toBe('{}');
  });
  it.each(['GET', 'HEAD', 'DELETE'])('is ignored for %s, whose query counts', async (method) => {
    const source = { hasBody: true, length: 5, complete: false, read: unplanned, stream: unplanned };
    const exchange = anExchange({ method, query: 'a=1', source, channel: aCompiledChannel() });
    expect(readInput(exchange, 'plain', someOptions())).toBeNull();
    expect(exchange.parameters).toBe('{"a":"1"}');
  });
});

describe('a body that is refused', () => {
  it.each(['{', 'x', '{"a":1,}', "{'a':1}", '{} {}', '\u00a0{}'])('is no JSON: %s', async (body) => {
    expect(await read({ body })).toBe('BODY_NOT_JSON');
  });
  it('is no UTF-8', async () => {
    expect(await read({ body: Buffer.from([0x22, 0xff, 0x22]) })).toBe('BODY_NOT_JSON');
  });
  it('is nested more than 256 levels deep', async () => {
    expect(await parametersOf({ body: nested(256) })).toBe(nested(256));
    expect(await read({ body: nested(257) })).toBe('BODY_TOO_DEEP');
  });
  it('says that it is longer than request.maxSize, and is not read', async () => {
    const source = { hasBody: true, length: 101, complete: false, read: unplanned, stream: unplanned };
    for (const takes of ['event', 'body'] as const) {
      const exchange = anExchange({ method: 'POST', source, channel: aCompiledChannel(takes) });
      expect(readInput(exchange, 'plain', someOptions({ maxBodyBytes: 100 }))).toMatchObject({
        error: 'BODY_TOO_LARGE',
      });
    }
  });
  it('is read no further than the smaller of both limits', async () => {
    for (const [maxBodyBytes, maxBufferedBytes] of [
      [50, 80],
      [80, 50],
    ] as const) {
      const source = new FakeBody(Buffer.from('{}'));
      const exchange = anExchange({ method: 'POST', source, channel: aCompiledChannel() });
      await readInput(exchange, 'plain', someOptions({ maxBodyBytes, maxBufferedBytes }));
      expect(source.limits).toEqual([50]);
    }
  });
});

describe('the type of a body', () => {
  it.each([
    [null],
    ['application/json'],
    ['Application/JSON'],
    ['application/json; charset=utf-8'],
    ['application/json;charset=UTF-8'],
    ['text/json'],
    ['application/problem+json'],
    ['application/merge-patch+json; x=y'],
    [''],
  ])('may be %s', async (type) => {
    expect(await parametersOf({ type, body: '{"a":1}' })).toBe('{"a":1}');
  });
  it.each([
    ['text/plain'],
    ['application/xml'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/jsonp'],
    ['application/json-seq'],
    ['application/octet-stream'],
  ])('must not be %s', async (type) => {
    expect(await read({ type, body: '{"a":1}' })).toBe('BODY_TYPE_UNSUPPORTED');
  });
});

describe('a body for a crud runner', () => {
  it('passes as it came, whatever its type and content', async () => {
    const got = (await read({ takes: 'body', type: 'image/png', body: 'not { JSON' })) as Exchange;
    expect([String(got.body as Buffer), got.headers['content-type']]).toEqual(['not { JSON', 'image/png']);
  });
  it('is none at all where the client sent none', async () => {
    expect(((await read({ takes: 'body' })) as Exchange).body).toBeNull();
  });
  it.each(['GET', 'DELETE', 'HEAD'])('of %s is ignored', async (method) => {
    expect(((await read({ takes: 'body', method, body: 'x', query: 'a=1' })) as Exchange).body).toBeNull();
  });
  it('leaves the query as it came', async () => {
    const got = (await read({ takes: 'body', method: 'PUT', body: '{}', query: 'a=%zz&a=1' })) as Exchange;
    expect(got.query).toBe('a=%zz&a=1');
  });
  it('is streamed where it is longer than 65,536 bytes, within request.maxSize', async () => {
    const stream = Readable.from([]);
    const source = new FakeBody(null, 65_537, stream);
    const exchange = anExchange({ method: 'POST', source, channel: aCompiledChannel('body') });
    await readInput(exchange, 'plain', someOptions({ maxBodyBytes: 1_000_000 }));
    expect([exchange.body === stream, source.limits]).toEqual([true, [1_000_000]]);
  });
  it('is streamed where the client does not say how long it is', async () => {
    const stream = Readable.from([]);
    const exchange = anExchange({
      method: 'POST',
      source: new FakeBody(null, null, stream),
      channel: aCompiledChannel('body'),
    });
    await readInput(exchange, 'plain', someOptions());
    expect(exchange.body).toBe(stream);
  });
});

describe('a full call', () => {
  const full = '{"origin":{"lat":"52"},"auth":{"token":"t"},"payload":{"a":1.10}}';

  it.each([
    ['GET', { method: 'GET', query: `data=${encodeURIComponent(full)}` }],
    ['POST', { body: full }],
  ])('by %s has its payload become payload.parameters, as it was written', async (_method, sent) => {
    const got = (await read({ form: 'full', ...sent })) as Exchange;
    expect([got.parameters, got.bodyOrigin]).toEqual(['{"a":1.10}', { lat: '52' }]);
  });
  it('without a payload is a call with none', async () => {
    expect(await parametersOf({ form: 'full', body: '{"origin":{}}' })).toBe('{}');
  });
  it('without any data is a call with none', async () => {
    expect(await parametersOf({ form: 'full', method: 'GET' })).toBe('{}');
    expect(await parametersOf({ form: 'full', body: ' ' })).toBe('{}');
  });
  it('has the last of two payloads count', async () => {
    expect(await parametersOf({ form: 'full', body: '{"payload":1,"payload":{"b":2}}' })).toBe('{"b":2}');
  });
  it('may have a payload of any kind', async () => {
    expect(await parametersOf({ form: 'full', body: '{"payload":[1]}' })).toBe('[1]');
  });
  it.each(['[]', '1', '"x"', 'null'])('needs an object: %s is refused', async (body) => {
    expect(await read({ form: 'full', body })).toBe('BODY_NOT_OBJECT');
  });
  it('that is no JSON is refused', async () => {
    expect(await read({ form: 'full', body: '{' })).toBe('BODY_NOT_JSON');
    expect(await read({ form: 'full', method: 'GET', query: 'data=x' })).toBe('BODY_NOT_JSON');
  });
  it('of another type is refused', async () => {
    expect(await read({ form: 'full', body: full, type: 'text/plain' })).toBe('BODY_TYPE_UNSUPPORTED');
  });
  it('that is nested more than 256 levels deep is refused', async () => {
    expect(await read({ form: 'full', body: `{"payload":${nested(256)}}` })).toBe('BODY_TOO_DEEP');
  });
});

describe('a full call to a crud runner', () => {
  it('has its payload become the body', async () => {
    const got = (await read({ form: 'full', takes: 'body', body: '{"payload":{"a":1.10}}', query: 'x=1' })) as Exchange;
    expect([String(got.body as Buffer), got.query, got.headers['content-type']]).toEqual([
      '{"a":1.10}',
      '',
      'application/json',
    ]);
  });
  it('by GET has its payload become the query, numbers as they were written', async () => {
    const data = encodeURIComponent('{"payload":{"ids":["a","b"],"n":9007199254740993,"x":1.10}}');
    const got = (await read({ form: 'full', takes: 'body', method: 'GET', query: `data=${data}` })) as Exchange;
    expect([got.query, got.body]).toEqual(['ids=a&ids=b&n=9007199254740993&x=1.10', null]);
  });
  it('by GET without a payload has no query', async () => {
    for (const query of ['', 'data=', `data=${encodeURIComponent('{"origin":{}}')}`])
      expect(((await read({ form: 'full', takes: 'body', method: 'GET', query })) as Exchange).query).toBe('');
  });
  it('without a payload has no body', async () => {
    expect(((await read({ form: 'full', takes: 'body', body: '{}' })) as Exchange).body).toBeNull();
  });
});

describe('a full call in base64', () => {
  const text = '{"payload":{"a":"é?>"}}';
  const expected = '{"a":"é?>"}';

  it('may stand in the query, with or without escapes for + and =', async () => {
    for (const data of [encodeURIComponent(base64(text)), base64(text)])
      expect(await parametersOf({ form: 'base64', method: 'GET', query: `data=${data}` })).toBe(expected);
    expect(await parametersOf({ form: 'base64', method: 'GET', query: 'data=eyJwYXlsb2FkIjoi+j4+In0=' })).toBe(
      'BODY_NOT_BASE64',
    );
  });
  it('may be a JSON string', async () => {
    expect(await parametersOf({ form: 'base64', body: JSON.stringify(base64(text)) })).toBe(expected);
    expect(await parametersOf({ form: 'base64', body: ` ${JSON.stringify(base64(text))}\n` })).toBe(expected);
  });
  it('may be text', async () => {
    expect(await parametersOf({ form: 'base64', body: `${base64(text)}\n`, type: 'text/plain; charset=utf-8' })).toBe(
      expected,
    );
    expect(await parametersOf({ form: 'base64', body: base64(text), type: null })).toBe(expected);
  });
  it('may be in the alphabet for URLs, and without padding', async () => {
    const url = Buffer.from(text).toString('base64url');
    expect(await parametersOf({ form: 'base64', body: url, type: 'text/plain' })).toBe(expected);
  });
  it('that is no base64 is refused', async () => {
    expect(await read({ form: 'base64', body: '{"payload":1}' })).toBe('BODY_NOT_BASE64');
    expect(await read({ form: 'base64', body: '"e30*"' })).toBe('BODY_NOT_BASE64');
  });
  it('of no UTF-8 is refused', async () => {
    expect(await read({ form: 'base64', body: Buffer.from([0xff, 0xfe]).toString('base64'), type: 'text/plain' })).toBe(
      'BODY_NOT_BASE64',
    );
  });
  it('in a JSON string that is none is refused', async () => {
    expect(await read({ form: 'base64', body: '"e30=' })).toBe('BODY_NOT_JSON');
  });
  it('of another type than JSON and text is refused', async () => {
    expect(await read({ form: 'base64', body: base64(text), type: 'application/xml' })).toBe('BODY_TYPE_UNSUPPORTED');
  });
});

describe('the origin of a full call', () => {
  it.each(['1', '"x"', '[1]', 'null'])('that is no object does not count: %s', async (origin) => {
    const got = (await read({ form: 'full', body: `{"origin":${origin}}` })) as Exchange;
    expect(got.bodyOrigin).toBeNull();
  });
  it('is undefined where there is none', async () => {
    expect(((await read({ form: 'full', body: '{}' })) as Exchange).bodyOrigin).toBeUndefined();
  });
  it('keeps its numbers as they were written', async () => {
    const got = (await read({ form: 'full', body: '{"origin":{"lat":1.10}}' })) as Exchange;
    expect(JSON.stringify(got.bodyOrigin)).toBe('{"lat":1.10}');
  });
});
