import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ComponentStore } from '../../src/components/component-store.js';
import { FilesLoader } from '../../src/components/files-loader.js';
import { StandingFindings } from '../../src/components/finding-board.js';
import type { ComponentSet } from '../../src/contracts/components.js';

/** A folder of components in a temporary place, and a loader that watches it. */
export class WatchedFolder {
  readonly path = join(mkdtempSync(join(tmpdir(), 'sluice-components-')), 'components');
  readonly board = new StandingFindings();
  readonly errors: string[] = [];
  readonly store = new ComponentStore({
    board: this.board,
    log: (level, message) => void (level === 'error' && this.errors.push(message)),
  });
  private loader: FilesLoader | null = null;

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  at(name: string): string {
    return join(this.path, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), text);
  }

  start(refreshMs = -1): void {
    this.loader = new FilesLoader(this.store, {
      folder: this.path,
      gatewayId: 'default',
      refreshMs,
      log: (level, message) => void (level === 'error' && this.errors.push(message)),
    });
    this.loader.start();
  }

  refresh(options?: { readonly acceptEmpty: boolean }): Promise<void> {
    return this.loader!.refresh(options);
  }

  /** The first set, of those that are and come, that is as wanted. */
  async until(wanted: (set: ComponentSet) => boolean): Promise<ComponentSet> {
    return await within10s((done) => this.store.subscribe(async (set) => void (wanted(set) && done(set))));
  }

  name(id: string): string | undefined {
    return this.store.current()?.records.system.get(id)?.record?.name;
  }

  faults(): readonly string[] {
    return this.board.standing().map(({ kind, id, message }) => `${kind} ${id}: ${message}`);
  }

  async remove(): Promise<void> {
    await this.loader?.stop();
    rmSync(dirname(this.path), { recursive: true, force: true });
  }
}

export function aSystem(id: string, name: string): string {
  return JSON.stringify({ id, data: { executor: 'rpc', name } });
}

async function within10s<T>(begin: (done: (value: T) => void) => () => void): Promise<T> {
  let end = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<T>((done, fail) => {
      timer = setTimeout(() => fail(new Error('It did not come within 10 s.')), 10_000);
      end = begin(done);
    });
  } finally {
    clearTimeout(timer);
    end();
  }
}
