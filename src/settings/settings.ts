import { AdminSettings } from './admin.settings.js';
import { DiscoverySettings } from './discovery.settings.js';
import { GatewaySettings } from './gateway.settings.js';
import { IdSettings } from './id.settings.js';
import { IdentitySettings } from './identity.settings.js';
import { LogSettings } from './log.settings.js';
import { LookupSettings } from './lookup.settings.js';
import { RequestSettings } from './request.settings.js';
import { RestConnectionSettings } from './rest-connections.settings.js';
import { RestSourceSettings } from './rest-source.settings.js';
import { SecretsSettings } from './secrets.settings.js';
import { SecuritySettings } from './security.settings.js';
import { ManagementSettings, ServerSettings } from './server.settings.js';
import { settingsOf, type SettingDeclaration, type SettingsClass } from './setting.decorator.js';
import { StorageSettings } from './storage.settings.js';
import { TelemetrySettings } from './telemetry.settings.js';

/** The settings classes of this release, one per concern. */
export const SETTINGS_CLASSES = {
  gateway: GatewaySettings,
  request: RequestSettings,
  id: IdSettings,
  server: ServerSettings,
  management: ManagementSettings,
  security: SecuritySettings,
  log: LogSettings,
  telemetry: TelemetrySettings,
  storage: StorageSettings,
  restSource: RestSourceSettings,
  restConnections: RestConnectionSettings,
  secrets: SecretsSettings,
  lookup: LookupSettings,
  discovery: DiscoverySettings,
  admin: AdminSettings,
  identity: IdentitySettings,
} as const;

/** All settings of one process: checked, and frozen to the last list. */
export type Settings = { readonly [K in keyof typeof SETTINGS_CLASSES]: InstanceType<(typeof SETTINGS_CLASSES)[K]> };

export const allDeclarations = (): readonly SettingDeclaration[] =>
  Object.values<SettingsClass>(SETTINGS_CLASSES).flatMap((Class) => settingsOf(Class));
