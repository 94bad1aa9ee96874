import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandFailed } from './command-failed.js';
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
  /** Asks whoever sits there for a secret, which is not shown; unset where nobody does. */
  readonly askSecret?: (prompt: string) => Promise<string>;
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
    ...(process.stdin.isTTY && { askSecret }),
  };
}

/** On the terminal itself: standard output may be piped away. */
async function askSecret(prompt: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // Ctrl-C, and the end of the input.
  lines.once('close', () => reject(new CommandFailed('Nothing was done.')));
  lines.once('line', resolve);
  process.stderr.write(prompt);
  try {
    return await promise;
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
