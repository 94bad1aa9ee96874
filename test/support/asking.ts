import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection to a server of this host that answers whatever it gets with a word. */
export async function opened(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  return socket;
}

export async function answered(socket: Socket): Promise<string> {
  socket.write('?');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

/** Connects, asks and hangs up without a pause, until that fails; with what. @param onAnswer told of each answer */
export async function askedUntilRefused(port: number, onAnswer: () => void): Promise<string | undefined> {
  for (;;) {
    try {
      const socket = await opened(port);
      await answered(socket);
      onAnswer();
      socket.destroy();
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  }
}
