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
        terminal.out(`${counted(records, 'record')} with secrets, encrypted with secrets.key.`);
        terminal.out(
          'The database does not need secrets.key.previous any more. Replicas are not seen from here: one that still runs with ' +
            'the key before alone cannot open what is stored now. Give each the new key before you take secrets.key.previous away.',
        );
      }),
    );
}
