import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { RawClient } from '../../../test/support/raw-client.js';
import { until } from '../../../test/support/until.js';
import { HttpBody } from './body-source.js';
import { BodyWatch } from './body-watch.js';
import { EdgeRequest } from './edge-request.js';

/** What a request's body comes to where whoever wants it had to wait for something else first. */
type Handler = (body: HttpBody, request: EdgeRequest, response: ServerResponse) => Promise<string>;

let server: Server;
let client: RawClient;
let handler: Handler;
const watch = new BodyWatch(60_000);

beforeEach(async () => {
  server = createServer({ IncomingMessage: EdgeRequest }, (request, response) => {
    const body = new HttpBody(request, null, watch);
    void handler(body, request, response).then(
      (text) => response.end(text),
      (error: Error) => response.end(error.message),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = await RawClient.open((server.address() as AddressInfo).port);
});
afterEach(() => {
  client.destroy();
  server.close();
  server.closeAllConnections();
  watch.close();
});

const head = (length: number): string => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
const answer = async (): Promise<string> => (await client.answer()).body;
const arrived = (request: EdgeRequest): Promise<void> => until(() => request.complete);

describe('a body that has come before anybody reads it', () => {
  it('is read whole', async () => {
    handler = async (body, request) => {
      await arrived(request);
      return (await body.read(100)).toString();
    };
    client.write(`${head(5)}hello`);
    expect(await answer()).toBe('hello');
  });
  it('is read whole where half of it is still to come', async () => {
    handler = async (body) => {
      await new Promise((resolve) => setImmediate(resolve));
      const reading = body.read(100);
      client.write('lo');
      return (await reading).toString();
    };
    client.write(`${head(5)}hel`);
    expect(await answer()).toBe('hello');
  });
  it('is in order where it came in many pieces', async () => {
    handler = async (body, request) => {
      for (const piece of ['b', 'c', 'd']) {
        const read = request.socket.bytesRead;
        client.write(piece);
        // One after the other: else they come as one.
        await until(() => request.socket.bytesRead > read);
      }
      await arrived(request);
      return (await body.read(100)).toString();
    };
    client.write(`${head(4)}a`);
    expect(await answer()).toBe('abcd');
  });
  it('is read as a stream', async () => {
    handler = async (body, request) => {
      await arrived(request);
      return (await buffer(body.stream(100))).toString();
    };
    client.write(`${head(5)}hello`);
    expect(await answer()).toBe('hello');
  });
  it('is read as Node gives it', async () => {
    handler = async (_, request) => {
      await arrived(request);
      return (await buffer(request)).toString();
    };
    client.write(`${head(5)}hello`);
    expect(await answer()).toBe('hello');
  });
  it('is refused where it is too large, and the connection goes on', async () => {
    handler = async (body, request) => {
      await arrived(request);
      return (await body.read(100)).toString();
    };
    client.write(
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nc8\r\n${'x'.repeat(200)}\r\n0\r\n\r\n`,
    );
    expect(await answer()).toMatch(/large/i);
    client.write(`${head(5)}hello`);
    expect(await answer()).toBe('hello');
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
    expect(await answer()).toBe('left');
    client.write(`${head(5)}again`);
    expect(await answer()).toBe('left');
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
