import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { KIND_BY_PLURAL } from '../components/files/record-file.js';
import { loadFolderOnce } from '../components/load-folder-once.js';
import { locateFindings } from '../components/locate-finding.js';
import { apartFromLookups } from '../components/unresolved-stage.js';
import type { ComponentSet, Finding } from '../contracts/components.js';
import { faultLine, type SettingFault } from '../settings/faults.js';
import { readSettingsClass } from '../settings/settings-reader.js';
import { SETTINGS_CLASSES } from '../settings/settings.js';
import type { Compile } from './compiled-findings.js';
import { countFindings, sortedFindings, tellFindings } from './show-findings.js';
import type { Terminal } from './terminal.js';

interface ValidateOptions {
  readonly gateway: string;
  readonly json?: boolean;
  readonly strict?: boolean;
}

/** No such folder: the command line is at fault, not a record. */
const USAGE = 2;

/** `sluice validate FOLDER`: checks records without a server. Findings go to standard output, one a line, by file and line. */
export function registerValidate(
  program: Command,
  terminal: Terminal,
  compile: Compile = () => Promise.resolve([]),
): void {
  program
    .command('validate')
    .argument('<folder>', 'folder of component records')
    .description('check component records without starting the gateway; ends with 1 if there is a fault')
    .option('--gateway <id>', 'as the gateway of this id', 'default')
    .option('--strict', 'warnings count as faults')
    .option('--json', 'as JSON')
    .action(async (folder: string, options: ValidateOptions) => {
      const findings =
        problemOfGateway(options.gateway) ??
        (await problemOfFolder(folder, terminal)) ??
        (await findingsOf(resolve(terminal.cwd, folder), options.gateway, compile));
      if (typeof findings === 'string') {
        terminal.error(findings);
        terminal.exitCode = USAGE;
        return;
      }
      tellFindings(findings, { terminal, subject: folder, asJson: options.json === true });
      const { faults, warnings } = countFindings(findings);
      if (faults > 0 || (options.strict === true && warnings > 0)) terminal.exitCode = 1;
    });
}

/** The same rule as for the setting. */
function problemOfGateway(id: string): string | null {
  const faults: SettingFault[] = [];
  readSettingsClass(SETTINGS_CLASSES.gateway, new Map([['gateway.id', { value: id, source: '--gateway' }]]), faults);
  return faults.length === 0 ? null : faults.map(faultLine).join('\n');
}

async function problemOfFolder(folder: string, { cwd }: Terminal): Promise<string | null> {
  const path = resolve(cwd, folder);
  const stats = await stat(path).catch(() => null);
  if (stats?.isDirectory() === true) return null;
  const what = stats === null ? `${path} is not there` : `${path} is a file`;
  return `${what}. Give the folder that holds ${[...KIND_BY_PLURAL.keys()].join(', ')}, or files of several kinds${
    stats === null ? '' : '; `sluice diff` takes a single file'
  }.`;
}

/** What is wrong with the records, or why they cannot be read. */
async function findingsOf(folder: string, gatewayId: string, compile: Compile): Promise<readonly Finding[] | string> {
  let set: ComponentSet;
  try {
    set = await loadFolderOnce({ folder, gatewayId });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const compiled = apartFromLookups(await compile(set), set);
  return sortedFindings(await locateFindings([...set.findings, ...compiled], set));
}
