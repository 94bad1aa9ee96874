import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { HttpBody } from './body-source.js';
import { BodyWatch } from './body-watch.js';
import { EdgeRequest } from './edge-request.js';

/** What a request's body comes to where whoever wants it had to wait for something else first. */
type Handler = (body: HttpBody, request: EdgeRequest, response: ServerResponse) => Promise<string>;

let server: Server;
let client: Socket;
let received = '';
let handler: Handler;
const watch = new BodyWatch(60_000);

beforeEach(async () => {
  received = '';
  server = createServer({ IncomingMessage: EdgeRequest }, (request, response) => {
    const body = new HttpBody(request, null, watch);
    void handler(body, request, response).then(
      (text) => response.end(text),
      (error: Error) => response.end(error.message),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('data', (chunk: Buffer) => (received += chunk.toString('latin1'))).on('error', () => undefined);
  await once(client, 'connect');
});
afterEach(() => {
  client.destroy();
  server.close();
  server.closeAllConnections();
  watch.close();
});

const head = (length: number): string => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
async function answers(count = 1): Promise<string[]> {
  const bodies = (): string[] =>
    received.split(/(?=HTTP\/1\.1 200)/).map((answer) => answer.split('\r\n\r\n')[1] ?? '');
  await until(() => bodies().filter((body) => body !== '').length === count);
  return bodies();
}
const arrived = (request: EdgeRequest): Promise<void> => until(() => request.complete);

describe('a body that has come before anybody reads it', () => {
  it('is read whole', async () => {
    handler = async (body, request) => {
      await arrived(request);
      return (await body.read(100)).toString();
    };
    client.write(`${head(5)}hello`);
    expect(await answers()).toEqual(['hello']);
  });
  it('is read whole where half of it is still to come', async () => {
    handler = async (body) => {
      await new Promise((resolve) => setImmediate(resolve));
      const reading = body.read(100);
      client.write('lo');
      return (await reading).toString();
    };
    client.write(`${head(5)}hel`);
    expect(await answers()).toEqual(['hello']);
  });
  it('is in order where it came in many pieces', async () => {
    handler = async (body, request) => {
      for (const piece of ['b', 'c', 'd']) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        client.write(piece);
      }
      await arrived(request);
      return (await body.read(100)).toString();
    };
    client.write(`${head(4)}a`);
    expect(await answers()).toEqual(['abcd']);
  });
  it('is read as a stream', async () => {
    handler = async (body, request) => {
      await arrived(request);
      return (await buffer(body.stream(100))).toString();
    };
    client.write(`${head(5)}hello`);
    expect(await answers()).toEqual(['hello']);
  });
  it('is read as Node gives it', async () => {
    handler = async (_, request) => {
      await arrived(request);
      return (await buffer(request)).toString();
    };
    client.write(`${head(5)}hello`);
    expect(await answers()).toEqual(['hello']);
  });
  it('is refused where it is too large, and the connection goes on', async () => {
    handler = async (body, request) => {
      await arrived(request);
      return (await body.read(100)).toString();
    };
    client.write(
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nc8\r\n${'x'.repeat(200)}\r\n0\r\n\r\n`,
    );
    expect((await answers())[0]).toMatch(/large/i);
    client.write(`${head(5)}hello`);
    expect((await answers(2))[1]).toBe('hello');
  });
  it.each([
    ['let go by', (body: HttpBody) => body.discard()],
    ['forgotten', () => undefined],
  ])('is %s, and the next request on the connection is served', async (_, leave) => {
    handler = async (body, request) => {
      await arrived(request);
      leave(body);
      return 'left';
    };
    client.write(`${head(5)}hello`);
    expect(await answers()).toEqual(['left']);
    client.write(`${head(5)}again`);
    expect(await answers(2)).toEqual(['left', 'left']);
  });
  it('is never whole where the client goes in the midst of it', async () => {
    const outcome = Promise.withResolvers<string>();
    handler = async (body, request) => {
      await new Promise((resolve) => setImmediate(resolve));
      client.destroy();
      await once(request, 'close').catch(() => undefined);
      body.breakOff();
      return body.read(100).then(String, (error: Error) => error.message);
    };
    const answered = handler;
    handler = async (...given) => {
      const text = await answered(...given);
      outcome.resolve(text);
      return text;
    };
    client.write(`${head(5)}hel`);
    expect(await outcome.promise).toMatch(/broke|body/i);
  });
});
