import type { Loader, RecordSink } from '../components/loader.js';
import { FilesLoader } from '../components/files-loader.js';
import type { Log } from '../components/load-log.js';
import type { SecretBox } from '../secrets/secret-box.js';
import type { Settings } from '../settings/settings.js';
import { isFatal } from '../storage/fatal.js';
import type { LazyDatabase } from '../storage/lazy-database.js';

export interface LoaderParts {
  readonly settings: Settings;
  readonly database: LazyDatabase;
  readonly box: SecretBox;
  /** In the place of config.loader.folder. */
  readonly folder: string;
  /** Runs before the first look at a database that was opened. */
  readonly prepare: () => Promise<void>;
  readonly gaveUp: (error: Error) => void;
  readonly log: Log;
}

/** The loader of the source that settings name; the code of the others is not loaded. */
export async function componentLoader(sink: RecordSink, parts: LoaderParts): Promise<Loader> {
  const { settings, log } = parts;
  const gatewayId = settings.gateway.id;
  const refreshMs = settings.gateway.refreshMs ?? -1;
  switch (settings.storage.loader) {
    case 'files':
      return new FilesLoader(sink, { folder: parts.folder, gatewayId, refreshMs, log });
    case 'rest': {
      const [{ RestLoader }, { restLoaderOptionsOf }] = await Promise.all([
        import('../components/rest-loader.js'),
        import('../components/rest/rest-loader-options.js'),
      ]);
      return new RestLoader(sink, restLoaderOptionsOf(settings, log));
    }
    case 'database': {
      const { DatabaseLoader } = await import('../components/database-loader.js');
      const { database, box, prepare, gaveUp } = parts;
      return new DatabaseLoader(sink, { database, box, gatewayId, refreshMs, log, prepare, gaveUp, isFatal });
    }
  }
}
