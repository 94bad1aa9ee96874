import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { answered, askedUntilRefused, opened } from '../../../test/support/asking.js';
import { until } from '../../../test/support/until.js';
import { SharedListener, type Taker } from './shared-listener.js';

const AT = { host: '127.0.0.1', port: 0 };
const here = (): boolean => true;
const clients: Socket[] = [];
afterEach(() => {
  for (const socket of clients.splice(0)) socket.destroy();
});

/** A worker that answers every byte, over a connection of its own as that of another process would be. Slow: it says when it has one. */
class Worker implements Taker {
  readonly given: Socket[] = [];
  constructor(
    readonly listener: SharedListener,
    readonly isQuick: boolean = true,
  ) {}
  give(socket: Socket): void {
    this.given.push(socket);
    socket.on('data', () => socket.write('yes')).on('error', () => socket.destroy());
    socket.resume();
    if (this.isQuick) setImmediate(() => this.listener.taken(this));
  }
  letGo(): void {}
}

async function client(port: number): Promise<Socket> {
  const socket = await opened(port);
  clients.push(socket);
  return socket;
}

describe('connections of a listener that workers share', () => {
  it('go to them in turn', async () => {
    const listener = new SharedListener();
    const workers = [new Worker(listener), new Worker(listener)];
    const [port] = await Promise.all(workers.map((worker) => listener.enter(worker, AT, here)));
    for (let count = 0; count < 6; count++) expect(await answered(await client(port!))).toBe('yes');
    expect(workers.map(({ given }) => given.length)).toEqual([3, 3]);
    await Promise.all(workers.map((worker) => listener.leave(worker)));
  });
  it('wait for one who has not taken its last, one at a time to each', async () => {
    const listener = new SharedListener();
    const slow = new Worker(listener, false);
    const port = await listener.enter(slow, AT, here);
    await Promise.all([client(port), client(port), client(port)]);
    await until(() => slow.given.length === 1);
    const other = new Worker(listener);
    await listener.enter(other, AT, here);
    await until(() => other.given.length === 2);
    expect(slow.given).toHaveLength(1);
    listener.ended(slow);
    await listener.leave(other);
  });
});

describe('a worker that leaves', () => {
  it('gets no more, and the others do', async () => {
    const listener = new SharedListener();
    const [leaving, staying] = [new Worker(listener), new Worker(listener)];
    const port = await listener.enter(leaving, AT, here);
    await listener.enter(staying, AT, here);
    await listener.leave(leaving);
    for (let count = 0; count < 4; count++) expect(await answered(await client(port))).toBe('yes');
    expect([leaving.given.length, staying.given.length]).toEqual([0, 4]);
    await listener.leave(staying);
  });
  it('has left when its last connection has arrived', async () => {
    const listener = new SharedListener();
    const [leaving, staying] = [new Worker(listener, false), new Worker(listener)];
    const port = await listener.enter(leaving, AT, here);
    await listener.enter(staying, AT, here);
    await client(port);
    await until(() => leaving.given.length === 1);
    let hasLeft = false;
    const left = listener.leave(leaving).then(() => (hasLeft = true));
    expect(await answered(await client(port))).toBe('yes');
    expect(hasLeft).toBe(false);
    listener.taken(leaving);
    await left;
    await listener.leave(staying);
  });
  it('as the last closes the socket, and loses none of those who connect and ask without a pause', async () => {
    const listener = new SharedListener();
    const workers = [new Worker(listener), new Worker(listener)];
    const [port] = await Promise.all(workers.map((worker) => listener.enter(worker, AT, here)));
    let answers = 0;
    const outcomes = Array.from({ length: 8 }, () => askedUntilRefused(port!, () => answers++));
    await until(() => answers > 100);
    await Promise.all(workers.map((worker) => listener.leave(worker)));
    expect(await Promise.all(outcomes)).toEqual(Array(8).fill('ECONNREFUSED'));
  });
  it('may be followed by one who opens it again', async () => {
    const listener = new SharedListener();
    const first = new Worker(listener);
    const at = { ...AT, port: await listener.enter(first, AT, here) };
    const next = new Worker(listener);
    const [, port] = await Promise.all([listener.leave(first), listener.enter(next, at, here)]);
    expect(port).toBe(at.port);
    expect(await answered(await client(port))).toBe('yes');
    await listener.leave(next);
  });
});

describe('a worker that has ended', () => {
  it('as the last closes the socket, and cuts off who was given to it and who waited', async () => {
    const listener = new SharedListener();
    const worker = new Worker(listener, false);
    const port = await listener.enter(worker, AT, here);
    const both = await Promise.all([client(port), client(port)]);
    await until(() => worker.given.length === 1);
    const cut = both.map((socket) => new Promise((resolve) => socket.on('error', resolve).on('end', resolve).resume()));
    listener.ended(worker);
    await Promise.all(cut);
    await expect(client(port)).rejects.toThrow('ECONNREFUSED');
  });
  it('before the socket was open leaves nothing that listens', async () => {
    const listener = new SharedListener();
    const port = await listener.enter(new Worker(listener), AT, () => false);
    await expect(client(port)).rejects.toThrow('ECONNREFUSED');
  });
  it('is not waited for', async () => {
    const listener = new SharedListener();
    const worker = new Worker(listener, false);
    await client(await listener.enter(worker, AT, here));
    await until(() => worker.given.length === 1);
    const left = listener.leave(worker);
    listener.ended(worker);
    await left;
  });
});

describe('a port that is in use', () => {
  it('is told with the words of listening, and may be tried again', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const listener = new SharedListener();
    const worker = new Worker(listener);
    const entered = listener.enter(worker, { host: '127.0.0.1', port }, here);
    await expect(entered).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen', port });
    taken.close();
    await once(taken, 'close');
    expect(await listener.enter(worker, { host: '127.0.0.1', port }, here)).toBe(port);
    await listener.leave(worker);
  });
});
