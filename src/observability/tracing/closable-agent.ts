import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

export interface ClosableAgent {
  readonly agent: HttpAgent;
  /** Cuts what is under way, and opens no connection from now on: the exporter tries again on its own account. */
  readonly close: () => void;
}

export function closableAgent(url: string): ClosableAgent {
  const options = { keepAlive: true, maxSockets: 8 };
  const agent = url.startsWith('https:') ? new HttpsAgent(options) : new HttpAgent(options);
  const connect = agent.createConnection.bind(agent);
  let isClosed = false;
  agent.createConnection = (wanted, done) => {
    if (!isClosed) return connect(wanted, done);
    done?.(new Error('the process is at its end'), undefined as never);
    return undefined;
  };
  const close = (): void => {
    isClosed = true;
    agent.destroy();
  };
  return { agent, close };
}
