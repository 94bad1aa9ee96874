import type { AdminOptions } from '../admin/admin-options.js';
import type { Settings } from './settings.js';

/** What administration needs of the settings. */
export function adminOptionsOf({ gateway, admin, storage }: Settings): AdminOptions {
  return {
    gatewayId: gateway.id,
    adminEnabled: admin.adminEnabled,
    controlEnabled: admin.controlEnabled,
    callsPerMinute: admin.callsPerMinute,
    controlToken: admin.controlToken === null ? null : { record: admin.controlToken, roles: admin.controlRoles },
    bootstrap: {
      username: admin.bootstrapUsername,
      password: admin.bootstrapPassword,
      folder: storage.dataFolder,
      atStart: storage.loader === 'database',
    },
  };
}
