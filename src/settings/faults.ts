/** One reason not to start. */
export interface SettingFault {
  /** Name in the contract, or what stands in its place (`configuration file`, an argument). */
  readonly property: string;
  /** As it was given, shortened, masked where it is secret; null where there is none. */
  readonly value: string | null;
  /** What is wrong, or what was expected. */
  readonly problem: string;
  /** Where it was given: file and line, variable, or argument. */
  readonly source: string;
}

export const MASK = '********';

/** A value as it may be shown: on one line, not too long, masked where it is secret. */
export function shown(value: unknown, secret = false): string {
  if (secret) return MASK;
  const text = (JSON.stringify(value) ?? String(value)).replace(/(?<=:\/\/)[^/@\s"]*@/g, `${MASK}@`);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

export function faultLine({ property, value, problem, source }: SettingFault): string {
  return `${property}${value === null ? '' : ` = ${value}`}: ${problem} (${source})`;
}

/** The settings cannot be used. Holds every fault at once; the message lists them, one a line. */
export class SettingsRejected extends Error {
  constructor(
    readonly faults: readonly SettingFault[],
    readonly warnings: readonly string[] = [],
  ) {
    super(faults.map(faultLine).join('\n'));
    this.name = 'SettingsRejected';
  }
}
