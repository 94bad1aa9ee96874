import {
  ParametersRejected,
  type ParameterFault,
  type ParameterSpec,
  type ParameterSpecs,
} from '../../contracts/executor.js';

/** The spec of a parameter: under its own name, or under a family such as `server.header.*`. */
export function specOf(specs: ParameterSpecs, name: string): ParameterSpec | null {
  if (Object.hasOwn(specs, name)) return specs[name]!;
  for (const key of Object.keys(specs)) if (key.endsWith('*') && name.startsWith(key.slice(0, -1))) return specs[key]!;
  return null;
}

/** Reads a system's parameters by the executor's own table, and collects every fault before it gives up. */
export class ParameterReader {
  private readonly faults: ParameterFault[] = [];

  constructor(private readonly values: ReadonlyMap<string, string>) {}

  text(name: string): string | null {
    return this.values.get(name) ?? null;
  }

  fault(parameter: string, message: string): void {
    this.faults.push({ parameter, message });
  }

  required(name: string): string {
    const value = this.values.get(name);
    if (value !== undefined && value !== '') return value;
    this.fault(name, 'is missing');
    return '';
  }

  /** @param min smallest whole number that counts; -1 where the parameter has "no limit" */
  integer(name: string, byDefault: number, min: number): number {
    const value = this.values.get(name);
    if (value === undefined) return byDefault;
    const number = Number(value);
    if (/^\s*-?\d+\s*$/.test(value) && number >= min && Number.isSafeInteger(number)) return number;
    this.fault(name, `must be a whole number of at least ${min}, not "${clipped(value)}"`);
    return byDefault;
  }

  boolean(name: string): boolean {
    const value = this.values.get(name)?.trim().toLowerCase();
    if (value === undefined || value === 'false') return false;
    if (value === 'true') return true;
    this.fault(name, `must be true or false, not "${clipped(value)}"`);
    return false;
  }

  /** Members of a family such as `server.header.*`: what follows the prefix → value. */
  family(prefix: string): ReadonlyMap<string, string> {
    const members = new Map<string, string>();
    for (const [name, value] of this.values) {
      if (name.startsWith(prefix) && name.length > prefix.length) members.set(name.slice(prefix.length), value);
    }
    return members;
  }

  /** @throws ParametersRejected with every fault */
  finish(): void {
    if (this.faults.length > 0) throw new ParametersRejected(this.faults);
  }
}

function clipped(value: string): string {
  return value.length > 40 ? `${value.slice(0, 40)}…` : value;
}
