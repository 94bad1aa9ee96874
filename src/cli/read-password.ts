import { CommandFailed } from './command-failed.js';
import type { Terminal } from './terminal.js';

const USAGE = 2;
/** A line; longer than any password may be. */
const MOST_BYTES = 8192;

/**
 * From whoever sits at the terminal, twice; else the first line of standard input. Never from an argument, which every process of the
 * machine can read. @throws CommandFailed
 */
export async function readPassword(terminal: Terminal): Promise<string> {
  const { askSecret } = terminal;
  if (askSecret === undefined) return readLine(terminal);
  const password = await askSecret('Password: ');
  if (password === '') throw new CommandFailed('An empty text is no password.');
  if ((await askSecret('Again: ')) !== password) throw new CommandFailed('The two differ; nothing was done.');
  return password;
}

async function readLine({ input }: Terminal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of input ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new CommandFailed('Standard input is longer than a password may be.', USAGE);
    chunks.push(chunk);
  }
  const text = new TextDecoder('utf-8').decode(Buffer.concat(chunks));
  const line = /^[^\r\n]*/.exec(text)![0];
  if (line !== '') return line;
  throw new CommandFailed('There is no password on standard input: pipe one in, or sit at a terminal.', USAGE);
}
