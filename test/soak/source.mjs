import { once } from 'node:events';
import { join } from 'node:path';
import { Questions } from './answers.mjs';
import { freePort, started } from './gateway.mjs';

/** The configuration server (source.process.mjs): it may be killed and started again at the same address. */
export class Source {
  #records = {};

  static async started(records) {
    const source = new Source();
    source.port = await freePort();
    source.#records = records;
    await source.start();
    return source;
  }

  /** For a gateway that loads from here. */
  get settings() {
    return {
      'config.loader.type': 'rest',
      'config.loader.baseUrl': `http://127.0.0.1:${this.port}`,
      'config.loader.timeout': 1000,
    };
  }

  async start() {
    const script = join(import.meta.dirname, 'source.process.mjs');
    this.child = started([script, String(this.port)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(this.child, 'message');
    this.questions = new Questions(this.child);
    await this.set(this.#records);
  }

  /** Of one that is dead, what it holds when it is started again. */
  async set(records) {
    this.#records = records;
    if (this.isAlive) await this.questions.ask({ question: 'set', records });
  }

  get isAlive() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  mode(mode) {
    return this.questions.ask({ question: 'mode', mode });
  }

  async kill() {
    if (!this.isAlive) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}

/** The records of some pairs, by the paths that a source serves them at. */
export const asSource = (pairs, more = []) => ({
  gateway_system: pairs.map(({ system }) => system),
  gateway_channel: [...pairs.map(({ channel }) => channel), ...more],
});
