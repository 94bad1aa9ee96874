import './process/check-node.js';
import 'reflect-metadata';
import { faultLine, SettingsRejected } from './settings/faults.js';
import { loadSettings } from './settings/load-settings.js';
import { processInput, type LoadedSettings } from './settings/read-settings.js';
import { programFor } from './process/program.js';
import { startFailure } from './process/start-failure.js';

const input = processInput();

/** Reads settings, starts the gateway, drains it on signals. No decisions. */
async function settingsOrExit(): Promise<LoadedSettings> {
  try {
    return await loadSettings(input);
  } catch (error) {
    if (!(error instanceof SettingsRejected)) throw error;
    console.error('Sluice cannot start with these settings:');
    for (const fault of error.faults) console.error(`  ${faultLine(fault)}`);
    for (const warning of error.warnings) console.error(`  warning: ${warning}`);
    process.exit(1);
  }
}

const loaded = await settingsOrExit();
const program = await programFor(loaded, input);

async function stop(exitCode: number): Promise<void> {
  const isClean = await program.stop();
  process.exit(isClean ? exitCode : 1);
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(0));
process.on('SIGHUP', () => void program.refresh());
void program.mustEnd.then(stop);
// A fault that nobody caught leaves a state that nobody knows: say it, finish what is under way, and let the supervisor start anew.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (err: unknown) => {
    program.log.log('fatal', event, { err });
    void stop(1);
  });
}

try {
  await program.start();
  if (program.welcome !== null) process.stdout.write(program.welcome);
} catch (error) {
  console.error(startFailure(error, loaded.settings));
  await stop(1);
}
