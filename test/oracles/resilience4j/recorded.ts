import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Columns = Readonly<Record<string, string | readonly unknown[]>>;

export interface Sequence<Rules, Step> {
  readonly number: number;
  readonly rules: Rules;
  readonly steps: readonly Step[];
}

/** What resilience4j did with the sequences of this name (scripts/oracles.mjs): a line each, a column for each member of a step. */
export function recordedSequences<Rules, Step>(name: string): readonly Sequence<Rules, Step>[] {
  const text = readFileSync(join(import.meta.dirname, 'recorded', `${name}.jsonl`), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line, number) => {
      const { rules, ...columns } = JSON.parse(line) as { rules: Rules } & Columns;
      return { number, rules, steps: stepsOf(columns) as readonly Step[] };
    });
}

function stepsOf(columns: Columns): readonly unknown[] {
  const { length } = columns['operation'] ?? columns['pause'] ?? [];
  return Array.from({ length }, (_, step) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[step]])),
  );
}
