import type { Command } from 'commander';
import { stringify } from 'yaml';
import { KIND_BY_PLURAL } from '../components/files/record-file.js';
import type { ShownComponent } from '../contracts/component-control.js';
import { COMPONENT_KINDS, type ComponentKind } from '../contracts/records.js';
import { askGateway } from './ask-gateway.js';
import { CommandFailed, reporting } from './command-failed.js';
import { settingsOf } from './edit-command.js';
import { takesSettings, type SettingsOptions } from './settings-arguments.js';
import type { Terminal } from './terminal.js';

interface ShowOptions extends SettingsOptions {
  readonly json?: boolean;
}

const ALL = '*';
const USAGE = 2;

/** `sluice show KIND [ID]`: what is in force in the running gateway. */
export function registerShow(program: Command, terminal: Terminal): void {
  takesSettings(program.command('show'))
    .argument('<kind>', COMPONENT_KINDS.join(', '))
    .argument('[id]', 'all of the kind without one')
    .description('show what is in force in the running gateway; secrets are masked')
    .option('--json', 'as JSON, instead of YAML')
    .action((name: string, id: string | undefined, options: ShowOptions) =>
      reporting(terminal, async () => {
        const component = kindNamed(name);
        const settings = await settingsOf(options, terminal);
        if (settings === null) return;
        const query = new URLSearchParams({ component, id: id ?? ALL });
        const shown = await askGateway<readonly ShownComponent[]>(settings, {
          method: 'GET',
          path: `/show?${query.toString()}`,
        });
        const value = id === undefined || id === ALL ? shown : shown[0];
        terminal.out(options.json === true ? JSON.stringify(value, null, 2) : asYaml(value));
      }),
    );
}

const asYaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();

function kindNamed(name: string): ComponentKind {
  const kind = COMPONENT_KINDS.find((known) => known === name) ?? KIND_BY_PLURAL.get(name);
  if (kind !== undefined) return kind;
  throw new CommandFailed(
    `${JSON.stringify(name)} is no kind of component; there are: ${COMPONENT_KINDS.join(', ')}.`,
    USAGE,
  );
}
