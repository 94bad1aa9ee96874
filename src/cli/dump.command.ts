import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { DumpedComponents } from '../components/database/component-edits.js';
import { reporting } from './command-failed.js';
import { dumpIntoFolder } from './dump-into-folder.js';
import { settingsOf, withEdits } from './edit-command.js';
import type { OpenEdits } from './open-edits.js';
import { takesSettings, type SettingsOptions } from './settings-arguments.js';
import { counted } from './show-findings.js';
import type { Terminal } from './terminal.js';
import { reportingWrites, writeOutput } from './write-output.js';

interface DumpOptions extends SettingsOptions {
  readonly output?: string;
  readonly json?: boolean;
}

/** `sluice dump`: what is in the database, in the form that `apply` reads; secrets masked. */
export function registerDump(program: Command, { terminal, open }: { terminal: Terminal; open: OpenEdits }): void {
  takesSettings(program.command('dump'))
    .description('write the components in the database, secrets masked, as `apply` reads them')
    .option('-o, --output <path>', 'a file (mode 0600), or a folder, which ends with / or is there')
    .option('--json', 'as JSON')
    .action((options: DumpOptions) =>
      reporting(terminal, async () => {
        const settings = await settingsOf(options, terminal);
        if (settings === null) return;
        const dumped = await withEdits({ settings, terminal, open }, (edits) => edits.dump());
        await write(dumped, options, terminal);
      }),
    );
}

async function write(dumped: DumpedComponents, { output, json }: DumpOptions, terminal: Terminal): Promise<void> {
  if (output === undefined) {
    terminal.out(textOf(dumped, json === true).trimEnd());
    return;
  }
  const path = resolve(terminal.cwd, output);
  const isFolder = output.endsWith('/') || (await stat(path).catch(() => null))?.isDirectory() === true;
  if (isFolder) {
    const { written, others } = await reportingWrites(output, () =>
      dumpIntoFolder(path, dumped, (value) => textOf(value, json === true), json === true),
    );
    terminal.error(`${output}: ${counted(written, 'record')}`);
    if (others.length > 0) {
      const which = others.length === 1 ? others[0] : `${others[0]} and ${others.length - 1} more`;
      terminal.error(`warning: record files that are not of this dump were left as they are: ${which}`);
    }
    return;
  }
  const asJson = json === true || extname(path).toLowerCase() === '.json';
  await writeOutput({ path, shown: output }, textOf(dumped, asJson));
  terminal.error(`${output}: ${counted(Object.values(dumped).flat().length, 'record')}`);
}

function textOf(value: unknown, asJson: boolean): string {
  return asJson
    ? `${JSON.stringify(value, null, 2)}\n`
    : stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
