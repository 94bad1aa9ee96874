import type { Finding, FindingBoard, StandingFinding } from '../contracts/components.js';

const keys = new WeakMap<Finding, string>();

/** Two findings with one key are the same mistake. Lines are left out: they move when something else is edited. */
export function findingKey(finding: Finding): string {
  const known = keys.get(finding);
  if (known !== undefined) return known;
  const { kind, id, pointer, message, file = '' } = finding;
  const key = [kind, id, pointer, message, file].join('\n');
  keys.set(finding, key);
  return key;
}

/** Remembers since when each finding stands. One that goes and comes back begins anew. */
export class StandingFindings implements FindingBoard {
  private readonly byReporter = new Map<string, ReadonlyMap<string, StandingFinding>>();

  constructor(private readonly now: () => Date = () => new Date()) {}

  replace(reporter: string, findings: readonly Finding[]): void {
    const before = this.byReporter.get(reporter);
    const since = this.now().toISOString();
    const standing = new Map<string, StandingFinding>();
    for (const finding of findings) {
      const key = findingKey(finding);
      standing.set(key, { ...finding, since: before?.get(key)?.since ?? since });
    }
    this.byReporter.set(reporter, standing);
  }

  standing(): readonly StandingFinding[] {
    return [...this.byReporter.values()].flatMap((standing) => [...standing.values()]);
  }
}
