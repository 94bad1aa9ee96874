/** What is said to a process over its channel, with an answer to each. */
export class Questions {
  #next = 0;
  #waiting = new Map();
  #child;

  constructor(child) {
    this.#child = child;
    child.on('message', ({ id, answer }) => {
      this.#waiting.get(id)?.resolve(answer);
      this.#waiting.delete(id);
    });
    child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The process has ended.'));
      this.#waiting.clear();
    });
  }

  ask(message) {
    const id = ++this.#next;
    const waiting = Promise.withResolvers();
    this.#waiting.set(id, waiting);
    this.#child.send({ ...message, id }, (error) => error && waiting.reject(error));
    return waiting.promise;
  }
}

/** Polls; fails after the bound. */
export async function until(what, condition, boundMs = 30_000) {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${boundMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
