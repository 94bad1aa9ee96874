import { connect } from 'node:net';

/** A port of this host answers at once, or refuses. */
const PATIENCE_MS = 500;

/**
 * Looks whether somebody listens on the port already: the listener itself opens only with the first load, which would be late to say
 * so. To listen for a moment would take connections that nobody serves; to connect hurts nobody.
 * @throws the error that listening would throw
 */
export async function refuseTakenPort(host: string, port: number): Promise<void> {
  if (port === 0 || !(await isTaken(host, port))) return;
  const error = new Error(`listen EADDRINUSE: address already in use ${host}:${port}`);
  throw Object.assign(error, { code: 'EADDRINUSE', syscall: 'listen', address: host, port });
}

function isTaken(host: string, port: number): Promise<boolean> {
  const local = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return new Promise((resolve) => {
    const socket = connect({ host: local, port });
    const end = (taken: boolean): void => {
      socket.destroy();
      resolve(taken);
    };
    socket.setTimeout(PATIENCE_MS, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
