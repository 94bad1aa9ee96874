import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

const started = [];
export const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
process.on('exit', () => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const canPin = cpus().length > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** Starts a Node process on one core, and resolves with its pid once `isReady` finds what it waits for in its output. */
export function start(args, { core, env = {}, isReady, cwd = folder }) {
  const command = canPin
    ? [
        'taskset',
        [
          '-c',
          String(core),
          process.execPath,
          ...(process.env.BENCH_NODE_ARGS ?? '').split(' ').filter(Boolean),
          ...args,
        ],
      ]
    : [process.execPath, args];
  const child = spawn(command[0], command[1], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
    cwd,
  });
  started.push(child);
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}: ${text}`)));
    child.stdout.on('data', (chunk) => {
      if (text.length < 100_000) text += chunk;
      const found = isReady(text);
      if (found) resolve({ child, pid: child.pid, ...found });
    });
  });
}

export function pin(pid, core) {
  if (canPin) spawnSync('taskset', ['-a', '-cp', String(core), String(pid)]);
}

/** The thread that serves requests alone; the others of the process stay where they may be. */
export function pinMainThread(pid, core) {
  if (canPin) spawnSync('taskset', ['-cp', String(core), String(pid)]);
}

export const pinSelf = (core) => pin(process.pid, core);

/** CPU seconds that a process has used, in user and kernel, all its threads: by the scheduler's own clock, in ns. */
export function cpuSeconds(pid) {
  let ns = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ', 1)[0]);
  }
  return ns / 1e9;
}

export function residentMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) / 1024;
}

export const jsonPort = (text) => {
  const match = /\{"port":(\d+)\}/.exec(text);
  return match === null ? null : { port: Number(match[1]) };
};

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Median of the ratios round by round: the speed of a shared machine drifts, and what was measured side by side drifts together. */
export function medianRatio(values, against) {
  return median(values.map((value, round) => value / against[round]));
}
