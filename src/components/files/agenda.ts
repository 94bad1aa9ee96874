import { GONE_AFTER_MS } from './known-files.js';

/** Waits for a burst of events to end: an editor's save is several, each soon after the other. */
const QUIET_MS = 3;
/** But no longer than this, however long it goes on. */
const LONGEST_MS = 250;

/** A little more than a file must be missing to be gone. */
const AGAIN_MS = GONE_AFTER_MS + 5;

/**
 * What is to be looked at next, and when. One look at a time; what comes up meanwhile makes the next one. Timers hold no process
 * up.
 */
export class Agenda {
  private paths = new Set<string>();
  private wantsEverything = false;
  private acceptsEmpty = false;
  private burst: { timer: NodeJS.Timeout; readonly since: number } | null = null;
  private wake: NodeJS.Timeout | null = null;
  private readonly later = new Set<NodeJS.Timeout>();
  /** Who waits for the next look at everything. */
  private next: PromiseWithResolvers<void> | null = null;
  private running: Promise<void> | null = null;
  private isOn = false;

  /** @param look told the paths that events named, or null to look everywhere; must not throw */
  constructor(
    private readonly look: (
      paths: ReadonlySet<string> | null,
      options: { readonly acceptEmpty: boolean },
    ) => Promise<void>,
  ) {}

  start(): void {
    this.isOn = true;
  }

  /** Something changed there. */
  note(path: string): void {
    if (!this.isOn) return;
    this.paths.add(path);
    const now = performance.now();
    const since = this.burst?.since ?? now;
    if (this.burst !== null) clearTimeout(this.burst.timer);
    const timer = setTimeout(() => this.endBurst(), Math.min(QUIET_MS, Math.max(0, since + LONGEST_MS - now)));
    this.burst = { timer: timer.unref(), since };
  }

  /** Something seems to be gone there: worth another look in a while. */
  noteLater(paths: readonly string[]): void {
    if (!this.isOn || paths.length === 0) return;
    const timer = setTimeout(() => {
      this.later.delete(timer);
      for (const path of paths) this.note(path);
    }, AGAIN_MS);
    this.later.add(timer.unref());
  }

  /** Looks everywhere; settles when a look that began after the call is done, whatever is looked at after it. */
  everything({ acceptEmpty = false }: { readonly acceptEmpty?: boolean } = {}): Promise<void> {
    this.wantsEverything = true;
    this.acceptsEmpty ||= acceptEmpty;
    this.next ??= Promise.withResolvers<void>();
    const { promise } = this.next;
    void this.run();
    return promise;
  }

  /** Looks everywhere after so many ms, once; -1 not. */
  wakeIn(ms: number): void {
    if (this.wake !== null) clearTimeout(this.wake);
    this.wake = ms === -1 || !this.isOn ? null : setTimeout(() => void this.everything(), ms).unref();
  }

  async stop(): Promise<void> {
    this.isOn = false;
    if (this.burst !== null) clearTimeout(this.burst.timer);
    if (this.wake !== null) clearTimeout(this.wake);
    for (const timer of this.later) clearTimeout(timer);
    this.paths.clear();
    this.wantsEverything = false;
    await this.running;
  }

  private endBurst(): void {
    this.burst = null;
    void this.run();
  }

  private run(): Promise<void> {
    this.running ??= this.runAll().finally(() => {
      this.running = null;
      // Asked for by whoever the last look answered, before this run had quite ended.
      if (this.wantsEverything) void this.run();
    });
    return this.running;
  }

  private async runAll(): Promise<void> {
    while (this.wantsEverything || (this.paths.size > 0 && this.burst === null)) {
      const paths = this.wantsEverything ? null : this.paths;
      const acceptEmpty = this.acceptsEmpty;
      this.paths = new Set();
      this.wantsEverything = this.acceptsEmpty = false;
      const told = paths === null ? this.next : null;
      if (paths === null) this.next = null;
      await this.look(paths, { acceptEmpty });
      told?.resolve();
    }
    // Stopped before its turn came.
    this.next?.resolve();
    this.next = null;
  }
}
