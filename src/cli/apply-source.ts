import { locateFindings } from '../components/locate-finding.js';
import type { ComponentEdits, EditOptions, EditOutcome, GivenRecord } from '../components/database/component-edits.js';
import type { Finding } from '../contracts/components.js';
import { checkGiven, givenSet } from './check-given.js';
import type { Compile } from './compiled-findings.js';
import { settingsOf, withEdits } from './edit-command.js';
import type { OpenEdits } from './open-edits.js';
import { readGiven } from './read-given.js';
import type { SettingsOptions } from './settings-arguments.js';
import { tellChanges } from './show-changes.js';
import { counted, findingLine, shownFindings, sortedFindings, tellFindings } from './show-findings.js';
import type { Terminal } from './terminal.js';

export interface ApplyOptions extends SettingsOptions {
  readonly prune?: boolean;
  readonly normalize?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly yes?: boolean;
}

export interface ApplyParts {
  readonly terminal: Terminal;
  readonly open: OpenEdits;
  readonly compile: Compile;
}

/** How it ended; everything was told by then. */
export type Applied =
  | { readonly state: 'done'; readonly changes: number }
  /** There are faults, in records or in settings. */
  | { readonly state: 'refused' }
  /** Something would be deleted, and nobody said yes. */
  | { readonly state: 'held' };

/** Reads, checks and applies what a folder, a file or standard input holds. @throws CommandFailed */
export async function applySource(source: string, options: ApplyOptions, parts: ApplyParts): Promise<Applied> {
  const { terminal, compile, open } = parts;
  const settings = await settingsOf(options, terminal);
  if (settings === null) return { state: 'refused' };
  const { loader } = settings.storage;
  if (loader !== 'database') {
    terminal.error(
      `warning: config.loader.type is ${loader}: a gateway with these settings does not read the database`,
    );
  }
  const refuse = (findings: readonly Finding[]): Applied => {
    tellFindings(findings, { terminal, subject: source, asJson: options.json === true });
    return { state: 'refused' };
  };
  const files = await readGiven(source, settings.gateway.id, terminal);
  const set = await givenSet(files);
  // No database is needed to refuse what is wrong by itself.
  if (set.findings.some(isFault)) return refuse(await checkGiven(set, { compile, stored: null }));
  return await withEdits({ settings, terminal, open }, async (edits) => {
    const stored = options.prune === true ? null : () => edits.dump();
    const findings = await checkGiven(set, { compile, stored });
    if (findings.some(isFault)) return refuse(findings);
    const records = files.flatMap((file) => file.records);
    const { outcome, isHeld } = await edit(edits, records, options);
    if (outcome.state === 'refused') return refuse(sortedFindings(await locateFindings(outcome.findings, set)));
    tellWarnings(findings, terminal, options);
    tellChanges(outcome, {
      terminal,
      asJson: options.json === true,
      isDry: isHeld || options.dryRun === true,
      findings,
    });
    if (!isHeld) return { state: 'done', changes: outcome.changes.length };
    const deleted = outcome.changes.filter(({ change }) => change === 'removed').length;
    terminal.error(`Nothing was written: ${counted(deleted, 'record')} would be deleted. Add --yes if that is meant.`);
    return { state: 'held' };
  });
}

const isFault = ({ severity }: Finding): boolean => severity === 'fault';

/** What is deleted by a slip (another folder, an empty one) does not come back: without --yes it is only told. */
async function edit(
  edits: ComponentEdits,
  records: readonly GivenRecord[],
  { prune = false, normalize = false, dryRun = false, yes = false }: ApplyOptions,
): Promise<{ readonly outcome: EditOutcome; readonly isHeld: boolean }> {
  const options: EditOptions = { prune, normalize, dryRun };
  if (prune && !dryRun && !yes) {
    const trial = await edits.apply(records, { ...options, dryRun: true });
    const deletes = trial.state === 'done' && trial.changes.some(({ change }) => change === 'removed');
    if (deletes) return { outcome: trial, isHeld: true };
  }
  return { outcome: await edits.apply(records, options), isHeld: false };
}

/** Beside what changed, which scripts read. */
function tellWarnings(findings: readonly Finding[], terminal: Terminal, { json }: ApplyOptions): void {
  if (json === true) return;
  for (const finding of shownFindings(findings, terminal)) terminal.error(findingLine(finding));
}
