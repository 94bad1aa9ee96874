import type { ComponentSet } from '../contracts/components.js';
import { ComponentStore } from './component-store.js';
import { FilesLoader } from './files-loader.js';
import { StandingFindings } from './finding-board.js';
import type { Log } from './load-log.js';
import { UnresolvedStage } from './unresolved-stage.js';

/**
 * Loads a folder of record files once, as a gateway of this id would see it, and watches nothing.
 * @throws Error when the folder cannot be read
 */
export async function loadFolderOnce(options: {
  readonly folder: string;
  readonly gatewayId: string;
}): Promise<ComponentSet> {
  const reasons: string[] = [];
  const log: Log = (level, message, { reason }) =>
    void (level === 'error' && reasons.push(typeof reason === 'string' ? reason : message));
  const store = new ComponentStore({ board: new StandingFindings(), log });
  const loader = new FilesLoader(new UnresolvedStage(store, options.gatewayId), { ...options, refreshMs: -1, log });
  try {
    await loader.refresh();
  } finally {
    await loader.stop();
  }
  const set = store.current();
  if (set === null) throw new Error(reasons[0] ?? 'The folder cannot be read.');
  return set;
}
