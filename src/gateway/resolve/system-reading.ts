import { createHash } from 'node:crypto';
import type { Finding } from '../../contracts/components.js';
import type { Executor } from '../../contracts/executor.js';
import type { Parameters } from '../../contracts/records.js';
import type { ExecutorRegistry } from '../execute/executor.registry.js';
import { specOf } from '../execute/parameters.js';
import { parameterFinding, type Place } from './compiler-finding.js';

export type FoundExecutor = NonNullable<ReturnType<ExecutorRegistry['find']>>;

/** A system's parameters, with a channel's over them, as an executor takes them. */
export interface Reading {
  readonly parameters: ReadonlyMap<string, string>;
  readonly key: string;
  /** What the system sets and nobody reads. */
  readonly warnings: readonly Finding[];
}

export function readingOf(
  systemPlace: Place,
  system: Parameters | undefined,
  channel: Parameters | undefined,
  { name, executor }: FoundExecutor,
): Reading {
  const parameters = mergedParameters(system, channel);
  const warnings = system === undefined ? [] : parameterWarnings(systemPlace, system, executor);
  return { parameters, key: contentKey(name, parameters), warnings };
}

/** A channel's parameters override its system's, one by one. */
function mergedParameters(
  system: Parameters | undefined,
  channel: Parameters | undefined,
): ReadonlyMap<string, string> {
  const merged = new Map<string, string>();
  for (const map of [system, channel])
    for (const [name, value] of Object.entries(map ?? {})) merged.set(name, String(value));
  return merged;
}

/** A digest, since parameters hold secrets and the key is passed about. */
function contentKey(executor: string, parameters: ReadonlyMap<string, string>): string {
  const content = JSON.stringify([executor, [...parameters].sort(([a], [b]) => (a < b ? -1 : 1))]);
  return createHash('sha256').update(content).digest('base64url');
}

/** What a record sets and nobody reads, or nobody reads yet: never accepted in silence. */
export function parameterWarnings(place: Place, parameters: Parameters, executor: Executor): Finding[] {
  const warnings: Finding[] = [];
  const specs = executor.specsFor?.(parameters) ?? executor.parameterSpecs;
  for (const [name, value] of Object.entries(parameters)) {
    const spec = specOf(specs, name);
    if (spec === null) {
      const message = `${name} is no parameter of this executor: it has no effect`;
      warnings.push(parameterFinding(place, name, message, 'warning'));
    } else if (String(value).trim().toLowerCase() !== 'false') {
      for (const text of [spec.notInForce, spec.warns])
        if (text !== undefined) warnings.push(parameterFinding(place, name, `${name}: ${text}`, 'warning'));
    }
  }
  return warnings;
}
