import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { closeListener } from './close-listener.js';

/** Answers whatever it gets with a word. */
async function aServer(host = '127.0.0.1'): Promise<Server> {
  const server = createServer((socket) =>
    socket.on('data', () => socket.write('yes')).on('error', () => socket.destroy()),
  );
  server.listen(0, host);
  await once(server, 'listening');
  return server;
}
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function opened(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  return socket;
}
async function answered(socket: Socket): Promise<string> {
  socket.write('?');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

describe('a listener that closes', () => {
  it.each(['127.0.0.1', '0.0.0.0'])(
    'refuses whoever comes then, and keeps the connections that it has (%s)',
    async (host) => {
      const server = await aServer(host);
      const port = portOf(server);
      const kept = await opened(port);
      expect(await answered(kept)).toBe('yes');
      await closeListener(server);
      expect(server.listening).toBe(false);
      await expect(opened(port)).rejects.toThrow('ECONNREFUSED');
      expect(await answered(kept)).toBe('yes');
      const closed = once(server, 'close');
      kept.destroy();
      await closed;
    },
  );
  it('loses none of those who connect and ask without a pause: each is answered or refused', async () => {
    const server = await aServer();
    const port = portOf(server);
    let answers = 0;
    const outcomes = Array.from({ length: 8 }, async () => {
      for (;;) {
        try {
          const socket = await opened(port);
          await answered(socket);
          answers++;
          socket.destroy();
        } catch (error) {
          return (error as NodeJS.ErrnoException).code;
        }
      }
    });
    while (answers < 100) await new Promise((resolve) => setImmediate(resolve));
    await closeListener(server);
    expect(await Promise.all(outcomes)).toEqual(Array(8).fill('ECONNREFUSED'));
  });
});
