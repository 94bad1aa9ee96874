import '../process/check-node.js';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { registerApply, registerDiff } from './apply.command.js';
import { compiledFindings } from './compiled-findings.js';
import { registerDump } from './dump.command.js';
import { registerKey } from './key.command.js';
import { openAdministration } from './open-administration.js';
import { openEdits } from './open-edits.js';
import { registerRefresh } from './refresh.command.js';
import { registerSecrets } from './secrets.command.js';
import { registerSettings } from './settings.command.js';
import { registerShow } from './show.command.js';
import { registerStart } from './start.command.js';
import { processTerminal, type Terminal } from './terminal.js';
import { registerUser } from './user.command.js';
import { registerValidate } from './validate.command.js';

/** How a misused command line ends. */
const USAGE = 2;

export function program(terminal: Terminal): Command {
  const sluice = new Command('sluice')
    .description('Sluice, an API gateway')
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.error(text.trimEnd()),
    })
    .showHelpAfterError('Run `sluice --help` for the commands and `sluice help COMMAND` for one of them.');
  registerStart(sluice);
  registerSettings(sluice, terminal);
  registerValidate(sluice, terminal, compiledFindings);
  const parts = { terminal, open: openEdits, compile: compiledFindings };
  registerApply(sluice, parts);
  registerDiff(sluice, parts);
  registerDump(sluice, parts);
  registerRefresh(sluice, terminal);
  registerShow(sluice, terminal);
  registerSecrets(sluice, parts);
  registerUser(sluice, { terminal, openUsers: openAdministration });
  registerKey(sluice, { terminal, openUsers: openAdministration });
  return sluice;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** Runs one command and answers the exit code. A command that goes on (start) answers when it has begun. */
export async function run(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  try {
    await program(terminal).parseAsync(argv, { from: 'user' });
    return terminal.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : USAGE;
  }
}

const invoked = process.argv[1] ?? '';
if (existsSync(invoked) && realpathSync(invoked) === fileURLToPath(import.meta.url)) {
  const code = await run(process.argv.slice(2));
  // 0 would cover what the gateway, once it was started, said itself.
  if (code !== 0) process.exitCode = code;
}
