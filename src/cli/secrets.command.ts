import type { Command } from 'commander';
import { reporting } from './command-failed.js';
import { settingsOf, withEdits } from './edit-command.js';
import type { OpenEdits } from './open-edits.js';
import { takesSettings, type SettingsOptions } from './settings-arguments.js';
import { counted } from './show-findings.js';
import type { Terminal } from './terminal.js';

/** `sluice secrets reencrypt`: retires secrets.key.previous. */
export function registerSecrets(program: Command, { terminal, open }: { terminal: Terminal; open: OpenEdits }): void {
  const secrets = program.command('secrets').description('secrets at rest');
  takesSettings(secrets.command('reencrypt'))
    .description('encrypt all secrets in the database with secrets.key, after which secrets.key.previous can go')
    .action((options: SettingsOptions) =>
      reporting(terminal, async () => {
        const settings = await settingsOf(options, terminal);
        if (settings === null) return;
        const records = await withEdits({ settings, terminal, open }, (edits) => edits.reencrypt());
        terminal.out(
          `${counted(records, 'record')} encrypted with secrets.key; secrets.key.previous is not needed any more.`,
        );
      }),
    );
}
