import type { Exchange } from '../../exchange.js';
import type { Stage } from '../../stage.js';
import type { SessionServers } from './session-servers.js';

/**
 * Session: touches the caller's, the last step of admission (spec/identity.md, "Session"). Refuses nobody: who has no session goes on
 * without one.
 */
export class SessionStage implements Stage {
  readonly name = 'session';

  constructor(private readonly servers: SessionServers) {}

  run(exchange: Exchange): null | Promise<null> {
    const { caller } = exchange;
    if (caller === null) return null;
    const { session: rules } = caller.kind;
    if (rules === null || caller.origin === null) return null;
    const session = this.servers.of(rules).touch(caller.origin, exchange);
    if (session instanceof Promise) return this.wait(session, exchange);
    exchange.session = session;
    return null;
  }

  private async wait(pending: Promise<Exchange['session']>, exchange: Exchange): Promise<null> {
    exchange.session = await pending;
    return null;
  }
}
