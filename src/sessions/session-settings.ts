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

/** @throws Error that says which parameter is wrong */
export function sessionSettingsOf(parameters: ReadonlyMap<string, string>): SessionSettings {
  return { ttlMs: ttlOf(parameters.get('ttl')), stitchPriority: priorityOf(parameters.get('stitchPriority')) };
}

function ttlOf(text = ''): number {
  if (text.trim() === '') return DEFAULT_TTL_MS;
  const ttlMs = /^\d{1,15}$/.test(text.trim()) ? Number(text) : 0;
  if (ttlMs < 1 || ttlMs > LONGEST_TTL_MS)
    throw new Error(`The parameter ttl of runner "session" is a whole number of ms from 1 to ${LONGEST_TTL_MS}.`);
  return ttlMs;
}

function priorityOf(text = ''): StitchPriority {
  if (text.trim() === '') return 'existing';
  const priority = STITCH_PRIORITIES.find((each) => each === text.trim().toLowerCase());
  if (priority !== undefined) return priority;
  const known = STITCH_PRIORITIES.join(', ');
  throw new Error(`The parameter stitchPriority of runner "session" is one of: ${known}.`);
}
