import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadFolderOnce } from '../components/load-folder-once.js';
import { locateFindings } from '../components/locate-finding.js';
import type { ComponentSet, Finding } from '../contracts/components.js';
import type { Terminal } from './terminal.js';

interface ValidateOptions {
  readonly gateway: string;
  readonly json?: boolean;
  readonly strict?: boolean;
}

/** What else is wrong once the records are put together: the gateway's compiler. */
type Compile = (set: ComponentSet) => Promise<readonly Finding[]>;

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
      const findings = await findingsOf(resolve(terminal.cwd, folder), options.gateway, compile);
      if (typeof findings === 'string') {
        terminal.error(findings);
        terminal.exitCode = USAGE;
        return;
      }
      tell(findings, { options, terminal, folder });
    });
}

/** What is wrong with the records, or why they cannot be read. */
async function findingsOf(folder: string, gatewayId: string, compile: Compile): Promise<readonly Finding[] | string> {
  let set: ComponentSet;
  try {
    set = await loadFolderOnce({ folder, gatewayId });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const findings = await locateFindings([...set.findings, ...(await compile(set))], set);
  return findings.toSorted(
    (a, b) => compareText(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compareText(a.pointer, b.pointer),
  );
}

interface Telling {
  readonly options: ValidateOptions;
  readonly terminal: Terminal;
  readonly folder: string;
}

function tell(findings: readonly Finding[], { options, terminal, folder }: Telling): void {
  const faults = findings.filter(({ severity }) => severity === 'fault').length;
  const warnings = findings.length - faults;
  const shown = findings.map((finding) => ({
    ...finding,
    ...(finding.file !== undefined && { file: shownPath(finding.file, terminal) }),
  }));
  if (options.json === true) terminal.out(JSON.stringify({ faults, warnings, findings: shown }, null, 2));
  else {
    for (const finding of shown) terminal.out(lineOf(finding));
    terminal.out(`${folder}: ${counted(faults, 'fault')}, ${counted(warnings, 'warning')}`);
  }
  if (faults > 0 || (options.strict === true && warnings > 0)) terminal.exitCode = 1;
}

/** `file:line pointer severity message`, with the record between them. */
function lineOf({ file, line, kind, id, pointer, severity, message }: Finding): string {
  const place = file === undefined ? '-' : line === undefined ? file : `${file}:${line}`;
  return `${place} ${pointer === '' ? '/' : pointer} ${severity} ${kind}${id === '' ? '' : ` ${id}`}: ${message}`;
}

function shownPath(file: string, { cwd }: Terminal): string {
  const path = relative(cwd, file);
  return path.startsWith('..') ? file : path;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function compareText(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
