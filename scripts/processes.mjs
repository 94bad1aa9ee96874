// Child processes of the scripts. Runs on stock Node 20 with nothing installed.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'];
const running = new Set();
let ending = null;

/** Code by which shells tell a death by signal. */
const codeOf = (signal) => 128 + constants.signals[signal];

/**
 * Passes signals on to whatever runs, and notices when whoever started us is gone: npm forwards signals to its shell only,
 * and a shell that dies of one takes nobody along.
 */
function watch() {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      ending ??= signal;
      for (const child of running) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
      if (running.size === 0) process.exit(codeOf(signal));
    });
  }
  // Under npm only: elsewhere a parent may leave on purpose (nohup).
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    ending ??= 'SIGTERM';
    for (const child of running) child.kill('SIGTERM');
    if (running.size === 0) process.exit(codeOf('SIGTERM'));
  }, 250).unref();
}
watch();

/** Leaves at once where a signal came between two steps. */
export function leaveIfEnding() {
  if (ending !== null) process.exit(codeOf(ending));
}

/**
 * Runs a command to its end and answers its exit code and, with `quiet`, what it printed (else it prints by itself).
 * A command that cannot be started has code 127.
 */
export function run(command, args, { cwd, env = process.env, quiet = false } = {}) {
  leaveIfEnding();
  return new Promise((settle) => {
    const child = spawn(command, args, { cwd, env, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    let output = '';
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
    const settled = (code) => {
      running.delete(child);
      settle({ code, output });
    };
    child.on('error', (error) => {
      output += error.message;
      settled(127);
    });
    child.on('close', (code, signal) => settled(signal === null ? code : codeOf(signal)));
  });
}
