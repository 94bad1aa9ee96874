import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { giveWay } from './give-way.js';

describe('giving way', () => {
  it('lets what came over a socket meanwhile go first', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[ReturnType<typeof connect>]>;
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [[socket]] = await Promise.all([accepted, once(client, 'connect')]);
    const order: string[] = [];
    const came = once(socket, 'data').then(() => order.push('request'));
    // On loopback what is written has arrived by then.
    await new Promise<void>((written) => client.write('x', () => written()));
    await giveWay();
    order.push('the rest of the work');
    await came;
    expect(order).toEqual(['request', 'the rest of the work']);
    client.destroy();
    server.close();
  });
});
