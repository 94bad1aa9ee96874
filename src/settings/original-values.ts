/** How values of Spring's own settings become ours (spec/original.md). What cannot be read is handed on, and refused by the setting's check. */
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `500ms`, `PT1M30S` or plain ms. */
export function millisecondsFrom(value: string): string {
  const simple = /^\s*(\d{1,12})\s*(ms|s|m|h|d)\s*$/i.exec(value);
  if (simple !== null) return String(Number(simple[1]) * UNITS[simple[2]!.toLowerCase()]!);
  const iso = /^\s*P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,3})?)S)?)?\s*$/i.exec(value);
  if (iso === null || iso.slice(1).every((part) => part === undefined)) return value;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = iso.slice(1).map((part) => Number(part ?? 0));
  return String(Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000));
}

/** server.shutdown: `graceful` is what we do anyway, `immediate` leaves no time. */
export function graceOfShutdown(value: string): string | null {
  const word = value.trim().toLowerCase();
  if (word === 'graceful') return null;
  return word === 'immediate' ? '0' : value;
}

/** management.server.port: -1 means none. */
export const unlessMinusOne = (value: string): string | null => (value.trim() === '-1' ? null : value);

/** logging.level.root: Spring also knows OFF; we stay with the least that we have. */
export const levelFrom = (value: string): string => (/^\s*off\s*$/i.test(value) ? 'fatal' : value);
