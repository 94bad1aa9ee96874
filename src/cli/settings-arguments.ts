import type { Command } from 'commander';

/** What all commands take: where the settings of the process are. */
export interface SettingsOptions {
  readonly config?: string;
  readonly set?: readonly string[];
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function takesSettings(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file: .yaml, .json or .properties')
    .option('--set <name=value>', 'sets one property; may be given many times', collect);
}

/** The same options as arguments, as readSettings and dist/main.js take them. */
export function settingsArguments({ config, set = [] }: SettingsOptions): string[] {
  return [...(config === undefined ? [] : ['--config', config]), ...set.flatMap((pair) => ['--set', pair])];
}
