import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenerKind } from '../contracts/edge-view.js';
import { closeListener } from './close-listener.js';

export interface ListenAddress {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** How the servers of this process come to their connections. */
export interface Listening {
  /** Resolves with the port. @throws what `listen` gives, as `EADDRINUSE` */
  open(server: Server, kind: ListenerKind, at: ListenAddress): Promise<number>;
  /** No new connections; those that are there or just coming about are not hurt, and those that came before have arrived. */
  close(server: Server, kind: ListenerKind): Promise<void>;
}

/** Of a process that is alone on its host. */
export class OwnListening implements Listening {
  async open(server: Server, _kind: ListenerKind, { host, port }: ListenAddress): Promise<number> {
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async close(server: Server): Promise<void> {
    if (server.listening) await closeListener(server);
  }
}
