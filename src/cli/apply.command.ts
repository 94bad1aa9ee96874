import type { Command } from 'commander';
import { type Applied, type ApplyOptions, type ApplyParts, applySource } from './apply-source.js';
import { reporting } from './command-failed.js';
import { takesSettings } from './settings-arguments.js';

/** As diff(1): 0 the same, 1 different, 2 trouble. */
const DIFFERENT = 1;
const TROUBLE = 2;
const SOURCE = 'folder of records, a file of them, or - for standard input';

/** `sluice apply SOURCE`: brings records into the database, all or none. */
export function registerApply(program: Command, parts: ApplyParts): void {
  const { terminal } = parts;
  takesSettings(program.command('apply'))
    .argument('<source>', SOURCE)
    .description('check records, then write them into the database: all of them, or none')
    .option('--prune', 'delete stored records that are not among them; needs --yes where there are some')
    .option('--normalize', 'store records of the original in the form of this gateway')
    .option('--dry-run', 'only tell what would change')
    .option('--yes', 'delete what --prune deletes')
    .option('--json', 'as JSON')
    .action((source: string, options: ApplyOptions) =>
      reporting(terminal, async () => {
        const applied = await applySource(source, options, parts);
        if (applied.state !== 'done') terminal.exitCode = 1;
      }),
    );
}

/** `sluice diff SOURCE`: what `apply` would change. */
export function registerDiff(program: Command, parts: ApplyParts): void {
  const { terminal } = parts;
  takesSettings(program.command('diff'))
    .argument('<source>', SOURCE)
    .description('tell what `apply` would change; ends with 0 for nothing, 1 for something, 2 for trouble')
    .option('--prune', 'with what would be deleted')
    .option('--normalize', 'as apply --normalize')
    .option('--json', 'as JSON')
    .action(async (source: string, options: ApplyOptions) => {
      let applied: Applied = { state: 'refused' };
      await reporting(terminal, async () => {
        applied = await applySource(source, { ...options, dryRun: true }, parts);
      });
      terminal.exitCode = diffCode(applied);
    });
}

function diffCode(applied: Applied): number {
  if (applied.state !== 'done') return TROUBLE;
  return applied.changes === 0 ? 0 : DIFFERENT;
}
