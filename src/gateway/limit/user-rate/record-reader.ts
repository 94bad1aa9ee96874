import { pointerToken } from '../../json/json-pointer.js';

/** A mistake of a record, or what whoever wrote it should know. */
export interface RateProblem {
  /** JSON pointer into the record. */
  readonly pointer: string;
  readonly message: string;
}

type Members = Readonly<Record<string, unknown>>;

/** Reads the fields of `userRateLimit` one by one, and gathers what is wrong with them. */
export class RecordReader {
  constructor(
    private readonly members: Members,
    private readonly pointer: string,
    readonly faults: RateProblem[],
  ) {}

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  value(name: string): unknown {
    const value = Object.hasOwn(this.members, name) ? this.members[name] : undefined;
    return value === null ? undefined : value;
  }

  number(name: string, otherwise: number, { most, whole = false }: { most: number; whole?: boolean }): number {
    const value = this.value(name);
    if (value === undefined) return otherwise;
    if (typeof value === 'number' && value >= 0 && value <= most && (!whole || Number.isInteger(value))) return value;
    this.fault(name, `${shown(value)} is not ${whole ? 'a whole number' : 'a number'} from 0 to ${most}`);
    return otherwise;
  }

  /** Tokens of a bucket; -1: unlimited. */
  limit(name: string): number {
    const value = this.value(name);
    if (value === undefined) return -1;
    const isLimit = typeof value === 'number' && Number.isInteger(value) && value >= -1 && value <= MOST_TOKENS;
    if (isLimit) return value;
    this.fault(name, `${shown(value)} is no limit: a whole number up to ${MOST_TOKENS} is expected, or -1 for none`);
    return -1;
  }

  boolean(name: string, otherwise: boolean): boolean {
    const value = this.value(name);
    if (value === undefined) return otherwise;
    if (typeof value === 'boolean') return value;
    this.fault(name, `${shown(value)} is neither true nor false`);
    return otherwise;
  }

  text(name: string): string | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (typeof value === 'string' && value !== '') return value;
    this.fault(name, `${shown(value)} is no text`);
    return null;
  }

  /** What stands below a name, by its keys; null where it is missing or no map. */
  map(name: string): { readonly keys: readonly string[]; readonly reader: RecordReader } | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.fault(name, `${shown(value)} is no map`);
      return null;
    }
    return {
      keys: Object.keys(value!),
      reader: new RecordReader(value as Members, this.pointerTo(name), this.faults),
    };
  }

  fault(name: string, message: string): void {
    this.faults.push({ pointer: this.pointerTo(name), message });
  }

  pointerTo(name: string): string {
    return `${this.pointer}/${pointerToken(name)}`;
  }
}

const MOST_TOKENS = 1_000_000_000;

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 60) ?? typeof value;
}
