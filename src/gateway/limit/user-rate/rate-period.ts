const MINUTES = /^\d+(?:\.\d+)?$/;
const ISO =
  /^P(?!$)(?:(?<weeks>\d+)W|(?:(?<days>\d+)D)?(?:T(?=\d)(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+(?:\.\d+)?)S)?)?)$/;
const UNITS = [
  ['weeks', 604_800_000],
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
  ['seconds', 1000],
] as const;

/** Whole ms of a period: minutes as a number or its text, or an ISO 8601 duration without months and years. Null for anything else. */
export function periodMsOf(period: unknown): number | null {
  if (typeof period === 'number') return Number.isFinite(period) ? Math.round(period * 60_000) : null;
  if (typeof period !== 'string') return null;
  if (MINUTES.test(period)) return Math.round(Number(period) * 60_000);
  const parts = ISO.exec(period)?.groups;
  if (parts === undefined) return null;
  return Math.round(UNITS.reduce((sum, [unit, ms]) => sum + Number(parts[unit] ?? 0) * ms, 0));
}
