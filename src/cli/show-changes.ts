import type { EditOutcome, RecordChange } from '../components/database/component-edits.js';
import type { Finding } from '../contracts/components.js';
import { shownFindings } from './show-findings.js';
import type { Terminal } from './terminal.js';

type Done = Extract<EditOutcome, { state: 'done' }>;

/** `changed channel shop /paths/orders /target`, one change a line, and how many there are; or all of it as JSON. */
export function tellChanges(
  { changes, unchanged }: Done,
  {
    terminal,
    asJson,
    isDry,
    findings,
  }: {
    readonly terminal: Terminal;
    readonly asJson: boolean;
    readonly isDry: boolean;
    readonly findings: readonly Finding[];
  },
): void {
  if (asJson) {
    const shown = { written: !isDry, changes, unchanged, findings: shownFindings(findings, terminal) };
    terminal.out(JSON.stringify(shown, null, 2));
    return;
  }
  for (const change of changes) terminal.out(changeLine(change));
  const count = (wanted: RecordChange['change']): string =>
    `${changes.filter(({ change }) => change === wanted).length} ${wanted}`;
  terminal.out(`${count('added')}, ${count('changed')}, ${count('removed')}, ${unchanged} unchanged`);
}

/** The pointer of the whole record is empty. */
function changeLine({ change, kind, id, pointers }: RecordChange): string {
  return [change, kind, id, ...pointers.map((pointer) => (pointer === '' ? '/' : pointer))].join(' ');
}
