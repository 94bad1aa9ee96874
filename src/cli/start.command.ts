import type { Command } from 'commander';
import { settingsArguments, takesSettings, type SettingsOptions } from './settings-arguments.js';

/** `sluice start`: what `node dist/main.js` does, in this process. */
export function registerStart(program: Command): void {
  takesSettings(program.command('start'))
    .description('run the gateway until SIGTERM')
    .action(async (options: SettingsOptions) => {
      const main = new URL('../main.js', import.meta.url);
      process.argv.splice(1, Infinity, main.pathname, ...settingsArguments(options));
      // By address: this program is not built around the gateway, and must not load it for other commands.
      await import(main.href);
    });
}
