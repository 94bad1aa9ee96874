import type { Command } from 'commander';
import type { Json } from '../contracts/json.js';
import { faultLine, SettingsRejected } from '../settings/faults.js';
import { loadSettings } from '../settings/load-settings.js';
import type { LoadedSettings, SettingEntry } from '../settings/read-settings.js';
import { settingsArguments, takesSettings, type SettingsOptions } from './settings-arguments.js';
import type { Terminal } from './terminal.js';

/** `sluice settings`: what is in force, and where it comes from. */
export function registerSettings(program: Command, terminal: Terminal): void {
  takesSettings(program.command('settings'))
    .description('show the effective settings with the source of each; secrets are masked')
    .option('--json', 'as JSON')
    .action(async (options: SettingsOptions & { json?: boolean }) => {
      const loaded = await settingsOrFaults(options, terminal);
      if (loaded === null) return;
      const { entries, warnings, infos } = loaded;
      if (options.json === true) {
        terminal.out(JSON.stringify({ settings: entries, warnings, infos }, null, 2));
        return;
      }
      for (const line of table(entries)) terminal.out(line);
      for (const warning of warnings) terminal.error(`warning: ${warning}`);
      for (const info of infos) terminal.error(`info: ${info}`);
    });
}

/** The settings that a command works with; null after it told every fault and set the exit code. */
export async function settingsOrFaults(options: SettingsOptions, terminal: Terminal): Promise<LoadedSettings | null> {
  try {
    return await loadSettings({ argv: settingsArguments(options), env: terminal.env, cwd: terminal.cwd });
  } catch (error) {
    if (!(error instanceof SettingsRejected)) throw error;
    const { faults } = error;
    terminal.error(`${faults.length} ${faults.length === 1 ? 'setting' : 'settings'} cannot be used:`);
    for (const fault of faults) terminal.error(`  ${faultLine(fault)}`);
    for (const warning of error.warnings) terminal.error(`warning: ${warning}`);
    terminal.exitCode = 1;
    return null;
  }
}

function table(entries: readonly SettingEntry[]): string[] {
  const rows = entries.map(({ name, value, source, overridden }) => [
    name,
    textOf(value),
    overridden.length === 0 ? source : `${source}, before ${overridden.join(', ')}`,
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

function textOf(value: Json): string {
  // An empty column would let the next one slip into its place.
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return '-';
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(textOf).join(', ') : JSON.stringify(value);
}
