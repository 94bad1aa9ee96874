import type { Command } from 'commander';
import type { RefreshOutcome } from '../contracts/component-control.js';
import { COMPONENT_KINDS } from '../contracts/records.js';
import { askGateway } from './ask-gateway.js';
import { reporting } from './command-failed.js';
import { settingsOf } from './edit-command.js';
import { takesSettings, type SettingsOptions } from './settings-arguments.js';
import { countFindings, counted, findingLine, shownFindings, sortedFindings } from './show-findings.js';
import type { Terminal } from './terminal.js';

interface RefreshOptions extends SettingsOptions {
  readonly acceptEmpty?: boolean;
  readonly json?: boolean;
}

/** A finding of no single record, but of the load. */
const LOAD = '*';

/** `sluice refresh`: has the running gateway look at its source now. */
export function registerRefresh(program: Command, terminal: Terminal): void {
  takesSettings(program.command('refresh'))
    .description('have the running gateway read its components now; ends with 1 if the load failed')
    .option('--accept-empty', 'even if the source holds nothing any more')
    .option('--json', 'as JSON')
    .action((options: RefreshOptions) =>
      reporting(terminal, async () => {
        const settings = await settingsOf(options, terminal);
        if (settings === null) return;
        const body = { acceptEmpty: options.acceptEmpty === true };
        const outcome = await askGateway<RefreshOutcome>(settings, { method: 'POST', path: '/refresh', body });
        tell(outcome, terminal, options.json === true);
        if (outcome.findings.some(({ id }) => id === LOAD)) terminal.exitCode = 1;
      }),
    );
}

function tell({ revision, components, findings }: RefreshOutcome, terminal: Terminal, asJson: boolean): void {
  const shown = shownFindings(sortedFindings(findings), terminal);
  if (asJson) {
    terminal.out(JSON.stringify({ revision, components, findings: shown }, null, 2));
    return;
  }
  for (const finding of shown) terminal.out(findingLine(finding));
  const { faults, warnings } = countFindings(findings);
  const counts = COMPONENT_KINDS.map((kind) => counted(components[kind], kind)).join(', ');
  terminal.out(`revision ${revision}: ${counts}; ${counted(faults, 'fault')}, ${counted(warnings, 'warning')}`);
}
