import { Choice, PlainText } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';

/** Where components come from, and where the process keeps what it writes. Paths are absolute once they are read. */
export class StorageSettings {
  @Setting('config.loader.type', { doc: 'where components come from' })
  @Choice(['files'], { notYet: ['database', 'rest'] })
  readonly loader: 'files' = 'files' as const;

  @Setting('config.loader.folder', { doc: 'folder of YAML/JSON records, watched for change' })
  @PlainText()
  readonly componentsFolder: string = 'config/components';

  @Setting('data.folder', { doc: 'where embedded parts keep what they write; created, mode 0700' })
  @PlainText()
  readonly dataFolder: string = 'data';

  @Setting('demo.enabled', {
    doc: 'seed the sample components where there are none, and run the sample runner beside the gateway; auto = only under `npm start` with no configuration file and no setting by environment or --set',
  })
  @Choice(['auto', 'true', 'false'])
  readonly demo: 'auto' | 'true' | 'false' = 'auto';
}
