import type { Executor, PrepareContext, Target } from '../../contracts/executor.js';

/** Pools and sockets by the content of what they were made from: equal systems share one, and a reload keeps what did not change. */
export class Targets {
  private readonly byKey = new Map<string, Target>();
  private readonly closing = new Set<Promise<void>>();

  /** @param connected told of each connection that a target opens */
  constructor(
    private readonly onCloseFailed: (error: unknown) => void,
    private readonly connected: () => void = () => undefined,
  ) {}

  /** @throws ParametersRejected */
  get(executor: Executor, parameters: ReadonlyMap<string, string>, context: PrepareContext): Target {
    const known = this.byKey.get(context.key);
    if (known !== undefined) return known;
    const made = executor.prepare(parameters, { ...context, connected: this.connected });
    this.byKey.set(context.key, made);
    return made;
  }

  /** What is named is in force; what is not closes, after its calls under way have ended. */
  retain(keys: ReadonlySet<string>): void {
    for (const [key, target] of this.byKey) {
      if (keys.has(key)) {
        target.begin?.();
        continue;
      }
      this.byKey.delete(key);
      const closed = target.close().catch(this.onCloseFailed);
      this.closing.add(closed);
      void closed.then(() => this.closing.delete(closed));
    }
  }

  async close(): Promise<void> {
    this.retain(new Set());
    await Promise.all(this.closing);
  }
}
