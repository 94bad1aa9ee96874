import type { Terminal } from './terminal.js';

/** Why a command cannot do what it was asked to, in words for people. */
export class CommandFailed extends Error {
  constructor(
    message: string,
    /** 2: the command line is at fault. */
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}

/** Runs a command; what it cannot do is told in its own words, without a stack trace. */
export async function reporting(terminal: Terminal, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // A mistake of ours, which a line alone would hide.
    if (error instanceof TypeError || error instanceof ReferenceError || !(error instanceof Error)) throw error;
    terminal.error(messageOf(error));
    terminal.exitCode = error instanceof CommandFailed ? error.exitCode : 1;
  }
}

/** An error of several addresses has no words of its own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
