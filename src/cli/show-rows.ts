import type { Terminal } from './terminal.js';

/** Prints rows in columns, with what each column is above them. */
export function tellRows(terminal: Terminal, heading: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [heading, ...rows];
  const widths = heading.map((_name, column) => Math.max(...all.map((row) => row[column]!.length)));
  for (const row of all)
    terminal.out(
      row
        .map((cell, column) => (column === heading.length - 1 ? cell : cell.padEnd(widths[column]!)))
        .join('  ')
        .trimEnd(),
    );
}
