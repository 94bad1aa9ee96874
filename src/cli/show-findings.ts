import { relative } from 'node:path';
import type { Finding } from '../contracts/components.js';
import type { Terminal } from './terminal.js';

/** `file:line pointer severity kind id: message`. */
export function findingLine({ file, line, kind, id, pointer, severity, message }: Finding): string {
  const place = file === undefined ? '-' : line === undefined ? file : `${file}:${line}`;
  return printable(
    `${place} ${pointer === '' ? '/' : pointer} ${severity} ${kind}${id === '' ? '' : ` ${id}`}: ${message}`,
  );
}

/** Ids and names of files are anybody's: what would move the cursor, change colours or turn the line around is shown as its number. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}

/** The same findings with files as somebody in this folder would name them. */
export function shownFindings(findings: readonly Finding[], terminal: Terminal): readonly Finding[] {
  return findings.map((finding) => ({
    ...finding,
    ...(finding.file !== undefined && { file: shownPath(finding.file, terminal) }),
  }));
}

export function countFindings(findings: readonly Finding[]): { readonly faults: number; readonly warnings: number } {
  const faults = findings.filter(({ severity }) => severity === 'fault').length;
  return { faults, warnings: findings.length - faults };
}

/** By file and line, then by pointer. */
export function sortedFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (a, b) => compareText(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compareText(a.pointer, b.pointer),
  );
}

/** Prints findings, one a line, and how many there are; or all of it as JSON. */
export function tellFindings(
  findings: readonly Finding[],
  { terminal, subject, asJson }: { readonly terminal: Terminal; readonly subject: string; readonly asJson: boolean },
): void {
  const { faults, warnings } = countFindings(findings);
  const shown = shownFindings(findings, terminal);
  if (asJson) {
    terminal.out(JSON.stringify({ faults, warnings, findings: shown }, null, 2));
    return;
  }
  for (const finding of shown) terminal.out(findingLine(finding));
  terminal.out(`${subject}: ${counted(faults, 'fault')}, ${counted(warnings, 'warning')}`);
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function shownPath(file: string, { cwd }: Terminal): string {
  const path = relative(cwd, file);
  return path.startsWith('..') ? file : path;
}

function compareText(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
