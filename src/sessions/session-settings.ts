import type { ParameterFault } from '../contracts/executor.js';

/** Which of two sessions a stitch keeps; where only one of them is there, that one. */
export const STITCH_PRIORITIES = ['existing', 'self', 'old', 'new'] as const;
export type StitchPriority = (typeof STITCH_PRIORITIES)[number];

/** Parameters of a system with runner `session`. */
export interface SessionSettings {
  readonly ttlMs: number;
  readonly stitchPriority: StitchPriority;
}

const DEFAULT_TTL_MS = 60_000;
const LONGEST_TTL_MS = 3650 * 86_400_000;

/** Reads the parameters of a system. What is wrong is told, all at once; its default stands in for it. */
export function sessionSettingsOf(parameters: ReadonlyMap<string, string>): {
  readonly settings: SessionSettings;
  readonly faults: readonly ParameterFault[];
} {
  const ttlMs = ttlOf(parameters.get('ttl'));
  const stitchPriority = priorityOf(parameters.get('stitchPriority'));
  const faults: ParameterFault[] = [];
  if (ttlMs === null) faults.push({ parameter: 'ttl', message: `is a whole number of ms from 1 to ${LONGEST_TTL_MS}` });
  if (stitchPriority === null)
    faults.push({ parameter: 'stitchPriority', message: `is one of: ${STITCH_PRIORITIES.join(', ')}` });
  return { settings: { ttlMs: ttlMs ?? DEFAULT_TTL_MS, stitchPriority: stitchPriority ?? 'existing' }, faults };
}

/** Null where it is none. */
function ttlOf(text = ''): number | null {
  if (text.trim() === '') return DEFAULT_TTL_MS;
  const ttlMs = /^\d{1,15}$/.test(text.trim()) ? Number(text) : 0;
  return ttlMs >= 1 && ttlMs <= LONGEST_TTL_MS ? ttlMs : null;
}

function priorityOf(text = ''): StitchPriority | null {
  if (text.trim() === '') return 'existing';
  return STITCH_PRIORITIES.find((each) => each === text.trim().toLowerCase()) ?? null;
}
