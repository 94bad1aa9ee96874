import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { answered, askedUntilRefused, opened } from '../../test/support/asking.js';
import { until } from '../../test/support/until.js';
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
    const outcomes = Array.from({ length: 8 }, () => askedUntilRefused(port, () => answers++));
    await until(() => answers >= 100);
    await closeListener(server);
    expect(await Promise.all(outcomes)).toEqual(Array(8).fill('ECONNREFUSED'));
  });
});
