import type { ComponentEdits } from '../components/database/component-edits.js';
import type { Settings } from '../settings/settings.js';
import type { OpenEdits } from './open-edits.js';
import type { SettingsOptions } from './settings-arguments.js';
import { settingsOrFaults } from './settings.command.js';
import type { Terminal } from './terminal.js';

/** The settings of a command that asks or changes something: a misspelt one may lead it elsewhere, so warnings are told. */
export async function settingsOf(options: SettingsOptions, terminal: Terminal): Promise<Settings | null> {
  const loaded = await settingsOrFaults(options, terminal);
  for (const warning of loaded?.warnings ?? []) terminal.error(`warning: ${warning}`);
  return loaded?.settings ?? null;
}

/** Works with the components in the database, and lets it go. */
export async function withEdits<T>(
  { settings, terminal, open }: { readonly settings: Settings; readonly terminal: Terminal; readonly open: OpenEdits },
  work: (edits: ComponentEdits) => Promise<T>,
): Promise<T> {
  const { edits, close } = await open(settings, terminal);
  try {
    return await work(edits);
  } finally {
    await close();
  }
}
