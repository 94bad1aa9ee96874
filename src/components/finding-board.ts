import type { Finding, FindingBoard, StandingFinding } from '../contracts/components.js';

/** Two findings with one key are the same mistake. Lines are left out: they move when something else is edited. */
export function findingKey({ kind, id, pointer, message, file = '' }: Finding): string {
  return [kind, id, pointer, message, file].join('\n');
}

export interface FindingsDiff {
  readonly fresh: readonly Finding[];
  readonly gone: readonly Finding[];
  /** New objects for what stood before, and the old ones. */
  readonly renewed: ReadonlyMap<Finding, Finding>;
}

/** Most findings of a load are the very objects of the last one: only the others are compared by what they say. */
export function diffFindings(before: readonly Finding[], after: readonly Finding[]): FindingsDiff {
  const [known, kept] = [new Set(before), new Set(after)];
  const others = new Map(
    before.filter((finding) => !kept.has(finding)).map((finding) => [findingKey(finding), finding]),
  );
  const renewed = new Map<Finding, Finding>();
  const fresh: Finding[] = [];
  for (const finding of after) {
    if (known.has(finding)) continue;
    const same = others.size === 0 ? undefined : others.get(findingKey(finding));
    if (same === undefined) fresh.push(finding);
    else renewed.set(finding, same);
  }
  const stay = new Set(renewed.values());
  return { fresh, gone: [...others.values()].filter((finding) => !stay.has(finding)), renewed };
}

interface Reported {
  readonly findings: readonly Finding[];
  readonly since: WeakMap<Finding, string>;
}

/** Remembers since when each finding stands. One that goes and comes back begins anew. */
export class StandingFindings implements FindingBoard {
  private readonly byReporter = new Map<string, Reported>();

  constructor(private readonly now: () => Date = () => new Date()) {}

  replace(reporter: string, findings: readonly Finding[]): void {
    const before = this.byReporter.get(reporter);
    const since = before?.since ?? new WeakMap<Finding, string>();
    const { fresh, gone, renewed } = diffFindings(before?.findings ?? [], findings);
    const now = this.now().toISOString();
    for (const finding of fresh) since.set(finding, now);
    for (const [finding, same] of renewed) since.set(finding, since.get(same) ?? now);
    for (const finding of gone) since.delete(finding);
    this.byReporter.set(reporter, { findings, since });
  }

  standing(): readonly StandingFinding[] {
    return [...this.byReporter.values()].flatMap(({ findings, since }) =>
      findings.map((finding) => ({ ...finding, since: since.get(finding)! })),
    );
  }
}
