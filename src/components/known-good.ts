import type { Component } from '../contracts/components.js';
import type { ComponentKind } from '../contracts/records.js';
import type { CheckedRecord } from './check/check-record.js';
import type { Members } from './check/members.js';
import type { UnitFailure } from './claims.js';

/** What was in force when a load was good last, perhaps in a process before this one. */
export interface LastKnownGood {
  /** ISO 8601. */
  readonly savedAt: string;
  readonly components: readonly Component[];
}

/** There is one, and it cannot be used: why, and what to do, in words for people. */
export interface UnusableGood {
  readonly unusable: string;
}

interface Recalled {
  /** Not there without one that can be used. */
  readonly savedAt?: string;
  readonly components: readonly Component[];
  /** What is told beside a load that failed while nothing else could be in force. */
  readonly remark: string;
}

/** What a process before left for a start whose source is away or at fault. Read at most once, and only if somebody asks. */
export class KnownGood {
  private recalled: Promise<Recalled> | null = null;
  private byKey: ReadonlyMap<string, Component> | null = null;

  constructor(private readonly source: (() => Promise<LastKnownGood | UnusableGood | null>) | undefined) {}

  read(): Promise<Recalled> {
    this.recalled ??= this.recall();
    return this.recalled;
  }

  async find(kind: ComponentKind, id: string): Promise<Component | undefined> {
    const { components } = await this.read();
    this.byKey ??= new Map(components.map((known) => [`${known.kind}/${known.id}`, known]));
    return this.byKey.get(`${kind}/${id}`);
  }

  /** Files that were broken between two processes: what they held for the one before. */
  async heldBy(
    failed: ReadonlyMap<string, UnitFailure> | undefined,
  ): Promise<ReadonlyMap<string, readonly CheckedRecord[]>> {
    const held = new Map<string, readonly CheckedRecord[]>();
    if (failed === undefined || failed.size === 0) return held;
    const byFile = Map.groupBy((await this.read()).components, ({ file }) => file);
    for (const [origin, { file }] of failed) {
      const known = file === undefined ? undefined : byFile.get(file);
      if (known !== undefined) held.set(origin, known.map(asChecked));
    }
    return held;
  }

  private async recall(): Promise<Recalled> {
    const found = (await this.source?.()) ?? null;
    if (found === null) return { components: [], remark: '' };
    if ('unusable' in found)
      return { components: [], remark: ` The last known good cannot be used: ${found.unusable}` };
    return { ...found, remark: ` The last known good of ${found.savedAt} serves.` };
  }
}

/** A record that was good, as a loader would give it. */
function asChecked({ stored, ...known }: Component): CheckedRecord {
  const unresolved = stored as unknown as Members | undefined;
  return { ...known, findings: [], ...(unresolved !== undefined && { unresolved }) };
}
