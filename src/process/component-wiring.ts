import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ComponentsOptions } from '../components/components.module.js';
import { FilesLoader } from '../components/files-loader.js';
import type { Log } from '../components/load-log.js';
import type { Loader, RecordSink } from '../components/loader.js';
import type { BackendInForce } from '../contracts/backends.js';
import type { ReplicaInfo } from '../contracts/replica.js';
import { SAMPLE_COMPONENTS } from '../demo/sample-folder.js';
import { seedSamples } from '../demo/seed-samples.js';
import { lookupResolverOf } from '../lookups/lookup-resolver-of.js';
import type { SecretBox } from '../secrets/secret-box.js';
import type { LoadedSettings } from '../settings/read-settings.js';
import { isFatal } from '../storage/fatal.js';
import type { LazyDatabase } from '../storage/lazy-database.js';

export interface WiringParts {
  readonly loaded: LoadedSettings;
  /** What lookups read. */
  readonly env: NodeJS.ProcessEnv;
  readonly database: LazyDatabase;
  readonly box: SecretBox;
  /** Told what no try can mend, at the first look. */
  readonly gaveUp: (error: Error) => void;
  readonly log: Log;
  /** False for all workers of a host but the first. */
  readonly keepsSnapshot: boolean;
  readonly replica: Pick<ReplicaInfo, 'worker' | 'workers'>;
  /** Where a source with several instances is shown. */
  readonly backends: Set<BackendInForce>;
}

/** How the components of this process are loaded, resolved and kept. */
export function wireComponents(parts: WiringParts): ComponentsOptions {
  const { loaded, box, log, env, keepsSnapshot } = parts;
  const { gateway, storage } = loaded.settings;
  return {
    gatewayId: gateway.id,
    box,
    resolver: lookupResolverOf(loaded.settings, env),
    snapshotPath: storage.snapshotPath ?? join(storage.dataFolder, 'snapshot.json'),
    keepsSnapshot,
    loader: (sink) => loaderOf(sink, parts),
    log,
  };
}

/** The loader of the source that settings name; the code of the others is not loaded. */
async function loaderOf(sink: RecordSink, parts: WiringParts): Promise<Loader> {
  const { loaded, database, box, gaveUp, log } = parts;
  const { settings } = loaded;
  const gatewayId = settings.gateway.id;
  const refreshMs = settings.gateway.refreshMs ?? -1;
  switch (settings.storage.loader) {
    case 'files':
      return new FilesLoader(sink, { folder: folderOf(loaded), gatewayId, refreshMs, log });
    case 'rest': {
      const [{ RestLoader }, { restLoaderOptionsOf }, { restSurroundings }] = await Promise.all([
        import('../components/rest-loader.js'),
        import('../components/rest/rest-loader-options.js'),
        import('./rest-surroundings.js'),
      ]);
      return new RestLoader(sink, restLoaderOptionsOf(settings, log, restSurroundings(parts)));
    }
    case 'database': {
      const { DatabaseLoader } = await import('../components/database-loader.js');
      const prepare = (): Promise<void> => seed(parts);
      return new DatabaseLoader(sink, { database, box, gatewayId, refreshMs, log, prepare, gaveUp, isFatal });
    }
  }
}

/** The samples stand in where there is no folder of components: one's own is never passed over. */
function folderOf({ settings, runsDemo }: LoadedSettings): string {
  const { componentsFolder } = settings.storage;
  return runsDemo && !existsSync(componentsFolder) ? SAMPLE_COMPONENTS : componentsFolder;
}

async function seed({ loaded, database, log }: WiringParts): Promise<void> {
  if (!loaded.runsDemo || !(await seedSamples(database))) return;
  log('info', 'the sample components were written into the database, which was empty', {});
}

/** Records in the folder of the files loader, and nobody said that they count. */
export function warnOfUnusedFolder({ settings, entries }: LoadedSettings, log: Log): void {
  const { loader, componentsFolder } = settings.storage;
  const isChosen = entries.some(({ name, source }) => name === 'config.loader.type' && source !== 'default');
  if (loader !== 'database' || isChosen || !existsSync(componentsFolder)) return;
  log(
    'warn',
    'components come from the database, and the folder of components is not read: set config.loader.type to files, or bring the folder in with `sluice apply`',
    { folder: componentsFolder },
  );
}
