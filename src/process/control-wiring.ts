import type { INestApplicationContext } from '@nestjs/common';
import { KEYS, USERS, type Keys, type Users } from '../admin/directory.js';
import { DirectAdministration } from '../admin/local-administration.js';
import { editsOf } from '../components/database/open-edits.js';
import type { Log } from '../components/load-log.js';
import { COMPONENT_CONTROL, type ComponentControl } from '../contracts/component-control.js';
import { ControlServer } from '../control-socket/control-server.js';
import type { SecretBox } from '../secrets/secret-box.js';
import type { Settings } from '../settings/settings.js';
import { LazyDatabase } from '../storage/lazy-database.js';

/** The control socket of this host: of several workers only the first has it. */
export async function openControl(
  app: INestApplicationContext,
  { storage, gateway }: Settings,
  { box, log }: { readonly box: SecretBox; readonly log: Log },
): Promise<ControlServer> {
  const database = app.get(LazyDatabase, { strict: false });
  const control = new ControlServer({
    folder: storage.dataFolder,
    control: app.get<ComponentControl>(COMPONENT_CONTROL, { strict: false }),
    edits: editsOf({ database, box, gatewayId: gateway.id }),
    administration: new DirectAdministration({
      users: app.get<Users>(USERS, { strict: false }),
      keys: app.get<Keys>(KEYS, { strict: false }),
    }),
    gatewayId: gateway.id,
    log,
  });
  await control.open();
  return control;
}
