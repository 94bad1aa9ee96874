import { setPriority } from 'node:os';
import { join } from 'node:path';
import { Questions } from './answers.mjs';
import { started } from './gateway.mjs';

const LOAD_PRIORITY = 5;

/** The process that is backend and load at once (traffic.process.mjs). */
export class Traffic {
  #waiting = [];
  newest = 0;

  static async started() {
    const traffic = new Traffic();
    const child = started([join(import.meta.dirname, 'traffic.process.mjs')], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    // Where there are few cores, the gateway must not wait for one that its own load has: its pauses are what is measured.
    setPriority(child.pid, LOAD_PRIORITY);
    child.on('message', ({ newest }) => newest !== undefined && traffic.#saw(newest));
    traffic.child = child;
    traffic.questions = new Questions(child);
    traffic.ports = await traffic.ask('ports');
    return traffic;
  }

  ask(question, given = {}) {
    return this.questions.ask({ question, ...given });
  }

  begin(port) {
    this.newest = 0;
    return this.ask('begin', { port });
  }

  /** Settles with the first answer of that version or a later one. */
  sees(version, boundMs = 20_000) {
    if (this.newest >= version) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers();
    const timer = setTimeout(
      () => reject(new Error(`version ${version} was not served within ${boundMs} ms`)),
      boundMs,
    );
    this.#waiting.push({ version, done: () => (clearTimeout(timer), resolve()) });
    return promise;
  }

  end() {
    this.child.kill();
  }

  #saw(newest) {
    this.newest = newest;
    for (const { done } of this.#waiting.filter(({ version }) => version <= newest)) done();
    this.#waiting = this.#waiting.filter(({ version }) => version > newest);
  }
}
