import { reasonOf } from './write-output.js';

/** What commands touch of the process, so that they can be tried without one. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  out(line: string): void;
  error(line: string): void;
  /** 0 unless a command sets it. */
  exitCode: number;
  /** What is piped in. */
  readonly input?: AsyncIterable<Uint8Array>;
}

export function processTerminal(): Terminal {
  // `| head` closes the pipe: nobody reads on, and that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`Standard output cannot be written: ${reasonOf(error)}.\n`);
    process.exit(1);
  });
  return {
    env: process.env,
    cwd: process.cwd(),
    out: (line) => process.stdout.write(`${line}\n`),
    error: (line) => process.stderr.write(`${line}\n`),
    exitCode: 0,
    // Opened by who reads it: it would keep every other command from ending.
    get input() {
      return process.stdin;
    },
  };
}
