import type { LocalAdministration } from '../admin/local-administration.js';
import { SocketAdministration } from '../control-socket/socket-administration.js';
import type { Settings } from '../settings/settings.js';
import { clientOfHolder, openDatabase } from './open-edits.js';
import { settingsOf } from './edit-command.js';
import type { SettingsOptions } from './settings-arguments.js';
import type { Terminal } from './terminal.js';

export interface OpenedAdministration {
  readonly administration: LocalAdministration;
  readonly close: () => Promise<void>;
}

/** Opens users and keys of the settings' database, as openEdits opens its components. @throws CommandFailed */
export type OpenAdministration = (settings: Settings, terminal: Terminal) => Promise<OpenedAdministration>;

export const openAdministration: OpenAdministration = async (settings, terminal) => {
  const client = await clientOfHolder(settings);
  if (client !== null) return { administration: new SocketAdministration(client), close: () => Promise.resolve() };
  const { database, box } = await openDatabase(settings, terminal);
  // Loaded when it is needed: no other command has rules of input, or hashes passwords.
  await import('reflect-metadata');
  const { administrationOf } = await import('../admin/open-administration.js');
  return { administration: administrationOf(database, box), close: () => database.close() };
};

export interface AdministrationParts {
  readonly terminal: Terminal;
  readonly openUsers: OpenAdministration;
}

/** Works with users and keys, and lets the database go. */
export async function withAdministration(
  options: SettingsOptions,
  { terminal, openUsers }: AdministrationParts,
  work: (administration: LocalAdministration) => Promise<void>,
): Promise<void> {
  const settings = await settingsOf(options, terminal);
  if (settings === null) return;
  const { administration, close } = await openUsers(settings, terminal);
  try {
    await work(administration);
  } finally {
    await close();
  }
}
